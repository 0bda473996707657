/* Reads blocks of 125 holding registers from 127.0.0.1:PORT for SECONDS, as fast as they come, with libmodbus.
 * Prints: requests, seconds, CPU seconds, then the answer times p50, p99 and max in milliseconds. */
#include <modbus.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#define BLOCK 125
#define MOST 4000000

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

static double cpu(void)
{
    struct rusage used;

    getrusage(RUSAGE_SELF, &used);
    return used.ru_utime.tv_sec + used.ru_stime.tv_sec + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

static int by_size(const void *one, const void *other)
{
    float a = *(const float *) one, b = *(const float *) other;

    return (a > b) - (a < b);
}

int main(int count, char **words)
{
    modbus_t *context = count > 3 ? modbus_new_tcp("127.0.0.1", atoi(words[1])) : NULL;
    float *times = malloc(MOST * sizeof *times);
    uint16_t registers[BLOCK];
    double end, began, began_cpu;
    int asked = 0, blocks;

    if (context == NULL || times == NULL || modbus_set_slave(context, 7) == -1 || modbus_connect(context) == -1)
        return 1;
    blocks = atoi(words[3]);
    began = now();
    began_cpu = cpu();
    end = began + atof(words[2]);
    while (now() < end && asked < MOST) {
        double sent = now();
        if (modbus_read_registers(context, 1000 + asked % blocks * BLOCK, BLOCK, registers) != BLOCK)
            return 2;
        times[asked++] = (float) ((now() - sent) * 1000);
    }
    printf("%d %f %f ", asked, now() - began, cpu() - began_cpu);
    qsort(times, asked, sizeof *times, by_size);
    printf("%f %f %f\n", times[asked / 2], times[(int) (asked * 0.99)], times[asked - 1]);
    modbus_close(context);
    return 0;
}
