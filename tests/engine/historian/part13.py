"""The example data and results of OPC 10000-13, as numbers.

Source: AggregateExamples.csv (http://www.opcfoundation.org/UA/schemas/1.05/AggregateExamples.csv,
repository OPCFoundation/UA-Nodeset, Schema/AggregateExamples.csv), the file that Annex A of v1.05.07
refers to; all 37 of its aggregates are here. Times are seconds after 12:00:00.

A result is ``value:status bits``, with ``@seconds`` before it where its time is not the start of the
interval. Status: G = Good, U = UncertainDataSubNormal, u = Uncertain, N = BadNoData, B = Bad. Bits: c =
Calculated, i = Interpolated, p = Partial, m = MultipleValues. ``-`` = no value. Left out is the last
interval of 16 s, from 12:01:36 on, which is BadNoData everywhere. An indented line belongs to the one
before it.
"""

EARLY = "0 - N"
RAW = {
    "1": "10 10 G, 20 20 G, 30 30 G, 40 - B, 50 50 G, 60 60 G, 70 70 u, 80 80 G, 90 90 G",
    "2": (
        "2 10 G, 25 20 G, 28 25 G, 39 30 G, 42 - B, 48 40 G, 52 50 G, "
        "72 60 G, 77 70 u, 83 70 G, 86 80 G, 90 90 G"
    ),
    "4": "2 1 G, 25 0 G, 28 1 G, 39 1 G, 42 - B, 48 1 G, 52 0 G, 72 0 G, 77 1 u, 83 1 G, 86 0 G, 90 1 G",
    "5": (
        "2 10 G, 25 20 G, 28 10 G, 39 30 G, 42 - B, 48 30 G, 52 50 G, "
        "72 30 G, 77 70 u, 83 70 G, 86 80 G, 90 70 G"
    ),
}
RAW["3"] = RAW["2"]
STEP_S = {
    **dict.fromkeys(("Interpolative", "Average", "TimeAverage", "TimeAverage2", "Total", "Total2"), 5),
    **dict.fromkeys(
        (
            *("StandardDeviationPopulation", "VariancePopulation"),
            *("StandardDeviationSample", "VarianceSample"),
        ),
        20,
    ),
}
"""ProcessingInterval where it is not 16 s. All run from 12:00:00 to 12:01:40."""

RESULTS = """
Interpolative 1 -:N -:N 10:G 15:Gi 20:G 25:Gi 30:G 35:Ui 40:Ui 45:Ui 50:G 55:Gi 60:G 65:Ui 70:u 75:Ui
    80:G 85:Gi 90:G 90:Ui
Interpolative 2 -:N 11.304:Gi 13.478:Gi 15.652:Gi 17.826:Gi 20:G 25.909:Gi 28.182:Gi 31.111:Ui 36.667:Ui
    45:Gi 51.5:Gi 54:Gi 56.5:Gi 59:Gi 62.727:Ui 67.273:Ui 76.667:Gi 90:G 102.5:Ui
Interpolative 3 -:N 10:Gi 10:Gi 10:Gi 10:Gi 20:G 25:Gi 25:Gi 30:Gi 30:Ui 40:Gi 50:Gi 50:Gi 50:Gi 50:Gi
    60:Gi 60:Ui 70:Gi 90:G 90:Ui
Interpolative 5 -:N 11.3043:Gi 13.4783:Gi 15.6522:Gi 17.8261:Gi 20:G 13.6364:Gi 22.7273:Gi 30:Ui 30:Ui
    40:Gi 47:Gi 42:Gi 37:Gi 32:Gi 54:Ui 70:Ui 76.6667:Gi 70:G 70:Ui
Average 1 -:N -:N 10:Gc -:N 20:Gc -:N 30:Gc -:N -:N -:N 50:Gc -:N 60:Gc -:N -:N -:N 80:Gc -:N 90:Gc -:N
Average 2 10:Gc -:N -:N -:N -:N 22.5:Gc -:N 30:Gc -:N 40:Gc 50:Gc -:N -:N -:N 60:Gc -:N 70:Gc 80:Gc 90:Gc
    -:N
Average 3 10:Gc -:N -:N -:N -:N 22.5:Gc -:N 30:Gc -:N 40:Gc 50:Gc -:N -:N -:N 60:Gc -:N 70:Gc 80:Gc 90:Gc
    -:N
Average 5 10:Gc -:N -:N -:N -:N 15:Gc -:N 30:Gc -:N 30:Gc 50:Gc -:N -:N -:N 30:Gc -:N 70:Gc 80:Gc 70:Gc
    -:N
TimeAverage 1 -:N -:N 12.5:Gc 17.5:Gc 22.5:Gc 27.5:Gc 32.5:Uc 37.5:Uc 42.5:Uc 47.5:Uc 52.5:Gc 57.5:Gc
    62.5:Uc 67.5:Uc 72.5:Uc 77.5:Uc 82.5:Gc 87.5:Gc 90:Ucp -:N
TimeAverage 2 10.652:Ucp 12.391:Gc 14.565:Gc 16.739:Gc 18.913:Gc 23.682:Gc 27.045:Gc 29.384:Uc 33.889:Uc
    40:Uc 49.45:Gc 52.75:Gc 55.25:Gc 57.75:Gc 60.618:Uc 65:Uc 70.515:Uc 83.667:Gc 96.25:Ucp -:N
TimeAverage 3 10.652:Ucp 12.391:Gc 14.565:Gc 16.739:Gc 18.913:Gc 23.682:Gc 27.045:Gc 29.384:Uc 33.889:Uc
    40:Uc 49.45:Gc 52.75:Gc 55.25:Gc 57.75:Gc 60.618:Uc 65:Uc 70.515:Uc 83.667:Gc 90:Ucp -:N
TimeAverage 5 10.6522:Ucp 12.3913:Gc 14.5652:Gc 16.7391:Gc 18.913:Gc 13.7273:Gc 18.1818:Gc 27.0909:Uc
    30:Uc 32:Uc 47.1:Gc 44.5:Gc 39.5:Gc 34.5:Gc 37.6:Uc 66.8:Uc 71.3333:Uc 75.6667:Gc 70:Ucp -:N
TimeAverage2 1 -:N -:N 12.5:Gc 17.5:Gc 22.5:Gc 27.5:Gc 30:Gc 30:Gc -:N -:N 52.5:Gc 57.5:Gc 62.5:Gc
    67.5:Gc 72.5:Gc 77.5:Gc 82.5:Gc 87.5:Gc 90:Gcp -:N
TimeAverage2 2 10.652:Ucp 12.391:Gc 14.565:Gc 16.739:Gc 18.913:Gc 23.682:Gc 27.045:Gc 29.273:Uc -:Bc
    42.5:Uc 49.45:Gc 52.75:Gc 55.25:Gc 57.75:Gc 59.8:Uc -:Bc 73.333:Uc 83.667:Gc -:Bcp -:N
TimeAverage2 3 10:Gcp 10:Gc 10:Gc 10:Gc 10:Gc 22:Gc 25:Gc 26:Gc 30:Uc 40:Uc 46:Gc 50:Gc 50:Gc 50:Gc 56:Gc
    60:Uc 70:Uc 78:Gc 90:Gcp -:N
TimeAverage2 5 10.6522:Ucp 12.3913:Gc 14.5652:Gc 16.7391:Gc 18.913:Gc 13.7273:Gc 18.1818:Gc 27.0909:Gc
    30:Uc 35:Uc 47.1:Gc 44.5:Gc 39.5:Gc 34.5:Gc 37.6:Gc 66.8:Gc 71.3333:Gc 75.6667:Gc 70:Gcp -:N
Total 1 -:N -:N 62.5:Gc 87.5:Gc 112.5:Gc 137.5:Gc 162.5:Uc 187.5:Uc 212.5:Uc 237.5:Uc 262.5:Gc 287.5:Gc
    312.5:Uc 337.5:Uc 362.5:Uc 387.5:Uc 412.5:Gc 437.5:Gc 450:Ucp -:N
Total 2 31.957:Ucp 61.957:Gc 72.826:Gc 83.696:Gc 94.565:Gc 118.409:Gc 135.227:Gc 146.919:Uc 169.444:Uc
    200:Uc 247.25:Gc 263.75:Gc 276.25:Gc 288.75:Gc 303.091:Uc 325:Uc 352.576:Uc 418.333:Gc 481.25:Ucp -:N
Total 3 30:Ucp 50:Gc 50:Gc 50:Gc 50:Gc 110:Gc 125:Gc 130:Gc 150:Uc 170:Uc 230:Gc 250:Gc 250:Gc 250:Gc
    280:Gc 300:Uc 320:Uc 390:Gc 450:Ucp -:N
Total 5 31.9565:Ucp 61.9565:Gc 72.8261:Gc 83.6957:Gc 94.5652:Gc 68.6364:Gc 90.9091:Gc 135.4545:Uc 150:Uc
    160:Uc 235.5:Gc 222.5:Gc 197.5:Gc 172.5:Gc 188:Uc 334:Uc 356.6667:Uc 378.3333:Gc 350:Ucp -:N
Total2 1 -:N -:N 62.5:Gc 87.5:Gc 112.5:Gc 137.5:Gc 150:Gc 150:Gc -:N -:N 262.5:Gc 287.5:Gc 312.5:Gc
    337.5:Gc 362.5:Gc 387.5:Gc 412.5:Gc 437.5:Gc 0.09:Gcp -:N
Total2 2 31.957:Ucp 61.957:Gc 72.826:Gc 83.696:Gc 94.565:Gc 118.409:Gc 135.227:Gc 146.364:Uc -:Bc 85:Uc
    247.25:Gc 263.75:Gc 276.25:Gc 288.75:Gc 299:Uc -:Bc 146.667:Uc 418.333:Gc -:Bcp -:N
Total2 3 30:Gcp 50:Gc 50:Gc 50:Gc 50:Gc 110:Gc 125:Gc 130:Gc 60:Uc 80:Uc 230:Gc 250:Gc 250:Gc 250:Gc
    280:Gc 120:Uc 140:Uc 390:Gc 0.09:Gcp -:N
Total2 5 31.9565:Ucp 61.9565:Gc 72.8261:Gc 83.6957:Gc 94.5652:Gc 68.6364:Gc 90.9091:Gc 135.4545:Gc 60:Uc
    70:Uc 235.5:Gc 222.5:Gc 197.5:Gc 172.5:Gc 188:Gc 334:Gc 356.6667:Gc 378.3333:Gc 0.07:Gcp -:N
Minimum 1 10:Gcp 20:Gc -:N 50:Gc -:N 80:Gp
Minimum 2 10:Gcp 20:Gc 30:Uc 40:G 60:Uc 70:Gcp
Minimum 3 10:Gcp 20:Gc 30:Uc 40:G 60:Uc 70:Gcp
Minimum 5 10:Gcp 10:Gc 30:Uc 30:G 30:Gc 70:Gcmp
Maximum 1 10:Gcp 30:Gc -:N 60:Gc -:N 90:Gcp
Maximum 2 10:Gcp 25:Gc 30:Uc 50:Gc 60:Uc 90:Gcp
Maximum 3 10:Gcp 25:Gc 30:Uc 50:Gc 60:Uc 90:Gcp
Maximum 5 10:Gcp 20:Gc 30:Uc 50:Gc 30:Gc 80:Gcp
MinimumActualTime 1 @10 10:Gp @20 20:G -:N @50 50:G -:N @80 80:Gp
MinimumActualTime 2 @2 10:Gp @25 20:G @39 30:U @48 40:G @72 60:U @83 70:Gp
MinimumActualTime 3 @2 10:Gp @25 20:G @39 30:U @48 40:G @72 60:U @83 70:Gp
MinimumActualTime 5 @2 10:Gp @28 10:G @39 30:U @48 30:G @72 30:G @83 70:Gmp
MaximumActualTime 1 @10 10:Gp @30 30:G -:N @60 60:G -:N @90 90:Gp
MaximumActualTime 2 @2 10:Gp @28 25:G @39 30:U @52 50:G @72 60:U @90 90:Gp
MaximumActualTime 3 @2 10:Gp @28 25:G @39 30:U @52 50:G @72 60:U @90 90:Gp
MaximumActualTime 5 @2 10:Gp @25 20:G @39 30:U @52 50:G @72 30:G @86 80:Gp
Range 1 0:Gcp 10:Gc -:N 10:Gc -:N 10:Gcp
Range 2 0:Gcp 5:Gc 0:Uc 10:Gc 0:Uc 20:Gcp
Range 3 0:Gcp 5:Gc 0:Uc 10:Gc 0:Uc 20:Gcp
Range 5 0:Gcp 10:Gc 0:Uc 20:Gc 0:Gc 10:Gcp
Minimum2 1 10:Ucp 16:Gi 30:Ui 50:Uc 64:Gi 80:Gp
Minimum2 2 10:Ucp 16.087:Gi 26.818:Ui 40:G 56:Ui 70:Ucp
Minimum2 3 10:Gcp 10:Gi 25:Gi 40:G 50:Gi 70:Gcp
Minimum2 5 10:Ucp 10:Gc 17.2727:Ui 30:G 30:Gc 70:Gimp
Maximum2 1 16:Uip 30:Gcm 30:Ui 64:Ui 80:Gc 90:Gcp
Maximum2 2 16.087:Uip 26.818:Gi 40:Uc 56:Gi 60:Uc 90:Ucp
Maximum2 3 10:Gcp 25:Gc 30:Gc 50:Gc 60:Gc 90:Gcp
Maximum2 5 16.087:Uip 20:Gc 30:Ucm 50:Gc 70:Gcm 80:Gcp
MinimumActualTime2 1 @10 10:Up 16:Gi 30:Ui @50 50:U 64:Gi 80:Gp
MinimumActualTime2 2 @2 10:Up 16.087:Gi 26.818:Ui 40:G 56:Ui @83 70:Up
MinimumActualTime2 3 @2 10:Gp 10:Gi 25:Gi 40:G 50:Gi @83 70:Gp
MinimumActualTime2 5 @2 10:Up @28 10:G 17.2727:Ui 30:G @72 30:G 70:Gimp
MaximumActualTime2 1 @15.999 16:Uip @30 30:Gm 30:Ui @63.999 64:Ui @79.999 80:Gi @90 90:Gp
MaximumActualTime2 2 @15.999 16.087:Uip @31.999 26.818:Gi @47.999 40:Ui @63.999 56:Gi @72 60:U @90 90:Up
MaximumActualTime2 3 @2 10:Gp @28 25:G @39 30:G @52 50:G @72 60:G @90 90:Gp
MaximumActualTime2 5 @15.999 16.087:Uip @25 20:G @39 30:Um @52 50:G @77 70:Gm @86 80:Gp
Range2 1 6:Ucp 14:Gc 0:Uc 14:Uc 16:Gc 10:Gcp
Range2 2 6.087:Ucp 10.731:Gc 13.182:Uc 16:Gc 4:Uc 20:Ucp
Range2 3 0:Gcp 15:Gc 5:Gc 10:Gc 10:Gc 20:Gcp
Range2 5 6.087:Ucp 10:Gc 12.7273:Uc 20:Gc 40:Gc 10:Gcp
Count 1 1:Gcp 2:Gc -:B 2:Gc 0:Uc 2:Gcp
Count 2 1:Gcp 2:Gc 1:Uc 2:Gc 1:Uc 3:Gcp
Count 3 1:Gcp 2:Gc 1:Gc 2:Gc 1:Gc 3:Gcp
Count 4 1:Gcp 2:Gc 1:Uc 2:Gc 1:Uc 3:Gcp
Count 5 1:Gcp 2:Gc 1:Uc 2:Gc 1:Uc 3:Gcp
AnnotationCount 1 1:Gcp 2:Gc 1:Gc 2:Gc 1:Gc 2:Gcp
AnnotationCount 2 1:Gcp 2:Gc 2:Gc 2:Gc 2:Gc 3:Gcp
AnnotationCount 3 1:Gcp 2:Gc 2:Gc 2:Gc 2:Gc 3:Gcp
AnnotationCount 4 1:Gcp 2:Gc 2:Gc 2:Gc 2:Gc 3:Gcp
AnnotationCount 5 1:Gcp 2:Gc 2:Gc 2:Gc 2:Gc 3:Gcp
DurationInStateZero 1 0:Ucp 0:Gc 0:Uc 0:Uc 0:Gc 0:Gcp
DurationInStateZero 2 0:Ucp 0:Gc 0:Uc 0:Gc 0:Uc 0:Ucp
DurationInStateZero 3 0:Gcp 0:Gc 0:Gc 0:Gc 0:Gc 0:Gcp
DurationInStateZero 4 0:Ucp 3000:Gc 0:Uc 12000:Gc 13000:Uc 4000:Ucp
DurationInStateZero 5 0:Ucp 0:Gc 0:Uc 0:Gc 0:Gc 0:Gcp
DurationInStateNonZero 1 6000:Ucp 16000:Gc 0:Uc 14000:Uc 0:Gc 10001:Gcp
DurationInStateNonZero 2 14000:Ucp 16000:Gc 10000:Uc 16000:Gc 13000:Uc 7001:Ucp
DurationInStateNonZero 3 14000:Gcp 16000:Gc 10000:Gc 16000:Gc 13000:Gc 7001:Gcp
DurationInStateNonZero 4 14000:Ucp 13000:Gc 10000:Uc 4000:Gc 0:Uc 3001:Ucp
DurationInStateNonZero 5 14000:Ucp 16000:Gc 10000:Uc 16000:Gc 13000:Gc 7001:Gcp
NumberOfTransitions 1 1:Gcp 2:Gc -:B 2:Gc 1:Uc 2:Gcp
NumberOfTransitions 2 1:Gcp 2:Gc 1:Uc 2:Gc 1:Uc 3:Gcp
NumberOfTransitions 3 1:Gcp 2:Gc 1:Gc 2:Gc 1:Gc 3:Gcp
NumberOfTransitions 4 1:Gcp 2:Gc 0:Uc 1:Gc 0:Uc 3:Gcp
NumberOfTransitions 5 1:Gcp 2:Gc 1:Uc 1:Gc 2:Uc 2:Gcp
Start 1 @10 10:Gp @20 20:G @40 -:B @50 50:G @70 70:u @80 80:Gp
Start 2 @2 10:Gp @25 20:G @39 30:G @48 40:G @72 60:G @83 70:Gp
Start 3 @2 10:Gp @25 20:G @39 30:G @48 40:G @72 60:G @83 70:Gp
Start 5 @2 10:Gp @25 20:G @39 30:G @48 30:G @72 30:G @83 70:Gp
End 1 @10 10:Gp @30 30:G @40 -:B @60 60:G @70 70:u @90 90:Gp
End 2 @2 10:Gp @28 25:G @42 -:B @52 50:G @77 70:u @90 90:Gp
End 3 @2 10:Gp @28 25:G @42 -:B @52 50:G @77 70:u @90 90:Gp
End 5 @2 10:Gp @28 10:G @42 -:B @52 50:G @77 70:u @90 70:Gp
Delta 1 0:Gcp 10:Gc -:N 10:Gc -:N 10:Gcp
Delta 2 0:Gcp 5:Gc 0:Uc 10:Gc 0:Uc 20:Gcp
Delta 3 0:Gcp 5:Gc 0:Uc 10:Gc 0:Uc 20:Gcp
Delta 5 0:Gcp -10:Gc 0:Uc 20:Gc 0:Uc 0:Gcp
StartBound 1 -:Np 16:Gi 30:Ui -:N 64:Ui 80:Gp
StartBound 2 -:Np 16.087:Gi 26.818:Gi 40:G 56:Gi -:Np
StartBound 3 -:Np 10:Gi 25:Gi 40:G 50:Gi -:Np
StartBound 5 -:Np 16.087:Gi 17.2727:Gi 30:G 38:Gi 70:Uip
EndBound 1 16:Gcp 30:Uc -:N 64:Uc 80:Gc -:Np
EndBound 2 16.087:Gcp 26.818:Gc 40:Gc 56:Gc -:N -:Np
EndBound 3 10:Gcp 25:Gc 40:Gc 50:Gc -:N -:Np
EndBound 5 16.087:Gcp 17.2727:Gc 30:Gc 38:Gc 70:Uc -:Np
DeltaBounds 1 -:Np 14:Uc -:N -:N 16:Uc -:Np
DeltaBounds 2 -:Np 10.731:Gc 13.182:Gc 16:Gc -:N -:Np
DeltaBounds 3 -:Np 15:Gc 15:Gc 10:Gc -:N -:Np
DeltaBounds 5 -:Np 1.1858:Gc 12.7273:Gc 8:Gc 32:Uc -:Np
DurationGood 1 6000:Gcp 16000:Gc 0:Gc 14000:Gc 0:Gc 10001:Gcp
DurationGood 2 14000:Gcp 16000:Gc 10000:Gc 16000:Gc 13000:Gc 7001:Gcp
DurationGood 3 14000:Gcp 16000:Gc 10000:Gc 16000:Gc 13000:Gc 7001:Gcp
DurationGood 4 14000:Gcp 16000:Gc 10000:Gc 16000:Gc 13000:Gc 7001:Gcp
DurationGood 5 14000:Gcp 16000:Gc 10000:Gc 16000:Gc 13000:Gc 7001:Gcp
DurationBad 1 10000:Gcp 0:Gc 8000:Gc 2000:Gc 0:Gc 0:Gcp
DurationBad 2 2000:Gcp 0:Gc 6000:Gc 0:Gc 3000:Gc 3000:Gcp
DurationBad 3 2000:Gcp 0:Gc 6000:Gc 0:Gc 3000:Gc 0:Gcp
DurationBad 4 2000:Gcp 0:Gc 6000:Gc 0:Gc 3000:Gc 0:Gcp
DurationBad 5 2000:Gcp 0:Gc 6000:Gc 0:Gc 0:Gc 0:Gcp
PercentGood 1 37.5:Gcp 100:Gc 0:Gc 87.5:Gc 0:Gc 100:Gcp
PercentGood 2 87.5:Gcp 100:Gc 62.5:Gc 100:Gc 81.25:Gc 70.003:Gcp
PercentGood 3 87.5:Gcp 100:Gc 62.5:Gc 100:Gc 81.25:Gc 70.003:Gcp
PercentGood 4 87.5:Gcp 100:Gc 62.5:Gc 100:Gc 81.25:Gc 70.003:Gcp
PercentGood 5 87.5:Gcp 100:Gc 62.5:Gc 100:Gc 81.25:Gc 70.003:Gcp
PercentBad 1 62.5:Gcp 0:Gc 50:Gc 12.5:Gc 0:Gc 0:Gcp
PercentBad 2 12.5:Gcp 0:Gc 37.5:Gc 0:Gc 18.75:Gc 29.997:Gcp
PercentBad 3 12.5:Gcp 0:Gc 37.5:Gc 0:Gc 18.75:Gc 0:Gcp
PercentBad 4 12.5:Gcp 0:Gc 37.5:Gc 0:Gc 18.75:Gc 0:Gcp
PercentBad 5 12.5:Gcp 0:Gc 37.5:Gc 0:Gc 0:Gc 0:Gcp
WorstQuality 1 G:Gcp G:Gc B:Gc G:Gc u:Gc G:Gcp
WorstQuality 2 G:Gcp G:Gc B:Gc G:Gc u:Gc G:Gcp
WorstQuality 3 G:Gcp G:Gc B:Gc G:Gc u:Gc G:Gcp
WorstQuality 4 G:Gcp G:Gc B:Gc G:Gc u:Gc G:Gcp
WorstQuality 5 G:Gcp G:Gc B:Gc G:Gc u:Gc G:Gcp
WorstQuality2 1 N:Gcp U:Gc B:Gcm N:Gc U:Gcm N:Gcp
WorstQuality2 2 N:Gcp G:Gc B:Gc G:Gc N:Gc N:Gcpm
WorstQuality2 3 N:Gcp G:Gc B:Gc G:Gc u:Gcm N:Gcp
WorstQuality2 4 N:Gcp G:Gc B:Gc G:Gc u:Gcm N:Gcp
WorstQuality2 5 N:Gcp G:Gc B:Gc G:Gc u:Gcm N:Gcp
StandardDeviationPopulation 1 0:Gcp 5:Gc 0:Uc 0:Uc 5:Gcp
StandardDeviationPopulation 2 0:Gcp 4.082:Gc 5:Uc 0:Uc 8.165:Gcp
StandardDeviationPopulation 3 0:Gcp 4.082:Gc 5:Uc 0:Uc 8.165:Gcp
StandardDeviationPopulation 5 0:Gcp 8.165:Gc 10:Uc 0:Uc 4.714:Gcp
VariancePopulation 1 0:Gcp 25:Gc 0:Uc 0:Uc 25:Gcp
VariancePopulation 2 0:Gcp 16.667:Gc 25:Uc 0:Uc 66.667:Gcp
VariancePopulation 3 0:Gcp 16.667:Gc 25:Uc 0:Uc 66.667:Gcp
VariancePopulation 5 0:Gcp 66.667:Gc 100:Uc 0:Uc 22.222:Gcp
StandardDeviationSample 1 0:Gcp 7.071:Gc 0:Uc 0:Uc 7.071:Gcp
StandardDeviationSample 2 0:Gcp 5:Gc 7.071:Uc 0:Uc 10:Gcp
StandardDeviationSample 3 0:Gcp 5:Gc 7.071:Uc 0:Uc 10:Gcp
StandardDeviationSample 5 0:Gcp 10:Gc 14.142:Uc 0:Uc 5.7735:Gcp
VarianceSample 1 0:Gcp 50:Gc 0:Uc 0:Uc 50:Gcp
VarianceSample 2 0:Gcp 25:Gc 50:Uc 0:Uc 100:Gcp
VarianceSample 3 0:Gcp 25:Gc 50:Uc 0:Uc 100:Gcp
VarianceSample 5 0:Gcp 100:Gc 200:Uc 0:Uc 33.333:Gcp
"""

AGAINST_THE_TEXT = {("Total", "3")}
"""5.4.3.8: Total = TimeAverage x time, always along straight lines. The file has steps for Historian 3
here, and straight lines for its TimeAverage; we follow the text."""
