// A service as the platform expects one: answers on its port, tells its health, ends on SIGTERM after open requests.
import http from "node:http";

const port = Number(process.env.PORT ?? 3000);

const server = http.createServer((request, response) => {
  const path = new URL(request.url, "http://localhost").pathname;
  const known = path === "/health" || path === "/datalab" || path.startsWith("/datalab/");
  response.writeHead(known ? 200 : 404, { "content-type": "application/json" });
  response.end(JSON.stringify(known ? { service: "datalab-api", path } : { error: "not found", path }) + "\n");
});

server.listen(port, "0.0.0.0", () => console.log(`listening on ${server.address().port}`));
process.on("SIGTERM", () => server.close());
