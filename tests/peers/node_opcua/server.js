// An OPC UA server of another maker: three variables, encrypted and open endpoints, every client trusted.
// node server.js FOLDER   ends when its standard input ends.
"use strict";
const path = require("path");
const { OPCUAServer, OPCUACertificateManager, DataType, Variant, MessageSecurityMode, SecurityPolicy } =
  (() => {
    const server = require("node-opcua-server");
    const manager = require("node-opcua-certificate-manager");
    const variant = require("node-opcua-variant");
    const channel = require("node-opcua-secure-channel");
    return { ...server, ...manager, ...variant, ...channel };
  })();

async function main(folder) {
  const serverCertificateManager = new OPCUACertificateManager({
    rootFolder: path.join(folder, "pki"),
    automaticallyAcceptUnknownCertificate: true,
  });
  await serverCertificateManager.initialize();
  const server = new OPCUAServer({
    port: 0,
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
  setInterval(() => (count += 1), 100);
  await server.start();
  console.log(JSON.stringify({ port: server.endpoints[0].port }));
  process.stdin.on("end", () => server.shutdown(100).then(() => process.exit(0)));
  process.stdin.resume();
}

main(process.argv[2]).catch((error) => {
  console.error(error);
  process.exit(1);
});
