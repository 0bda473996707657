// An OPC UA server of another maker: a few variables, encrypted and open endpoints, every client trusted.
// node server.js FOLDER [PORT [URI=NUMBER,…]]
// Each URI becomes a namespace, in that order, with a variable "Value" that holds its NUMBER.
// Orders are lines on standard input, {"do": "delete" | "add", "uri": …, "value": …}, {"do": "alarms"} to get
// some and {"do": "level", "value": …} to raise one, each answered by a line; it ends when its standard input
// ends.
"use strict";
const path = require("path");
const readline = require("readline");
const { OPCUAServer, OPCUACertificateManager, DataType, Variant, MessageSecurityMode, SecurityPolicy } =
  (() => {
    const server = require("node-opcua-server");
    const manager = require("node-opcua-certificate-manager");
    const variant = require("node-opcua-variant");
    const channel = require("node-opcua-secure-channel");
    return { ...server, ...manager, ...variant, ...channel };
  })();

// A tank whose level raises an alarm above 80, with everything that an alarm may offer.
function alarms(addressSpace, space) {
  addressSpace.installAlarmsAndConditionsService();
  const server = addressSpace.rootFolder.objects.server;
  const tank = space.addObject({
    organizedBy: addressSpace.rootFolder.objects, nodeId: "s=Tank", browseName: "Tank", notifierOf: server,
  });
  const level = space.addVariable({
    componentOf: tank, nodeId: "s=Level", browseName: "Level", dataType: "Double", eventSourceOf: tank,
  });
  level.setValueFromSource({ dataType: DataType.Double, value: 0 });
  const alarm = space.instantiateExclusiveLimitAlarm("ExclusiveLimitAlarmType", {
    componentOf: tank, nodeId: "s=LevelAlarm", browseName: "LevelAlarm", conditionName: "Level",
    conditionSource: level, inputNode: level, highHighLimit: 100, highLimit: 80, lowLimit: -50, lowLowLimit: -100,
    maxTimeShelved: 60000,
    optionals: ["ConfirmedState", "Confirm", "ShelvingState", "MaxTimeShelved"],
  });
  alarm.shelvingState.setState("Unshelved");
}

async function main(folder, port, spaces) {
  const serverCertificateManager = new OPCUACertificateManager({
    rootFolder: path.join(folder, "pki"),
    automaticallyAcceptUnknownCertificate: true,
  });
  await serverCertificateManager.initialize();
  const server = new OPCUAServer({
    port: Number(port || 0),
    host: "127.0.0.1",
    serverCertificateManager,
    securityPolicies: [SecurityPolicy.None, SecurityPolicy.Basic256Sha256, SecurityPolicy.Aes256_Sha256_RsaPss],
    securityModes: [MessageSecurityMode.None, MessageSecurityMode.SignAndEncrypt],
    allowAnonymous: true,
  });
  await server.initialize();
  const space = server.engine.addressSpace.registerNamespace("urn:peer:plant");
  const parent = server.engine.addressSpace.rootFolder.objects;
  let count = 0;
  const variable = (name, dataType, get) =>
    space.addVariable({ organizedBy: parent, nodeId: `s=${name}`, browseName: name, dataType, minimumSamplingInterval: 50, value: { get } });
  variable("Counter", "UInt32", () => new Variant({ dataType: DataType.UInt32, value: count }));
  variable("Constant", "Double", () => new Variant({ dataType: DataType.Double, value: 12.5 }));
  variable("Running", "Boolean", () => new Variant({ dataType: DataType.Boolean, value: true }));
  for (const [name, dataType] of [["Setpoint", "Double"], ["Steps", "Int16"], ["Switch", "Boolean"]]) {
    space.addVariable({
      organizedBy: parent, nodeId: `s=${name}`, browseName: name, dataType, minimumSamplingInterval: 50,
      value: { dataType: DataType[dataType], value: dataType === "Boolean" ? false : 0 },
    });
  }
  space.addVariable({
    organizedBy: parent, nodeId: "s=Measured", browseName: "Measured", dataType: "Double", minimumSamplingInterval: 50,
    accessLevel: "CurrentRead", userAccessLevel: "CurrentRead", value: { dataType: DataType.Double, value: 1 },
  });
  const kept = variable("Kept", "Double", () => new Variant({ dataType: DataType.Double, value: count }));
  kept.historizing = true;
  server.engine.addressSpace.installHistoricalDataNode(kept);
  setInterval(() => {
    count += 1;
    kept.setValueFromSource({ dataType: DataType.Double, value: count });
  }, 100);
  const values = {};
  const add = (uri, value) => {
    const own = server.engine.addressSpace.registerNamespace(uri);
    const get = () => new Variant({ dataType: DataType.Double, value });
    values[uri] = own.addVariable({
      organizedBy: parent, nodeId: "s=Value", browseName: "Value", dataType: "Double", minimumSamplingInterval: 50, value: { get },
    });
  };
  for (const each of (spaces || "").split(",").filter((text) => text)) {
    const [uri, value] = each.split("=");
    add(uri, Number(value));
  }
  const orders = {
    delete: (order) => server.engine.addressSpace.deleteNode(values[order.uri]),
    add: (order) => add(order.uri, order.value),
    alarms: () => alarms(server.engine.addressSpace, space),
    level: (order) => server.engine.addressSpace
      .findNode(`ns=${space.index};s=Level`)
      .setValueFromSource({ dataType: DataType.Double, value: order.value }),
  };
  await server.start();
  console.log(JSON.stringify({ port: server.endpoints[0].port }));
  const lines = readline.createInterface({ input: process.stdin });
  lines.on("line", (line) => {
    const order = JSON.parse(line);
    orders[order.do](order);
    console.log(JSON.stringify({ done: order.do }));
  });
  lines.on("close", () => server.shutdown(100).then(() => process.exit(0)));
}

main(...process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exit(1);
});
