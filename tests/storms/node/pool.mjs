// Processes of tasks with mysql2 pools, driven by lines of JSON: open and hold everything, push more, release, end.
import { createInterface } from "node:readline";
import mysql from "mysql2/promise";

const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const next = async () => (await lines.next()).value ?? "end";

const spec = JSON.parse(await next());
const server = {
  host: spec.host,
  port: spec.port,
  database: spec.database,
  ssl: { ca: spec.authority }, // verifies the CA, not the host's name
  connectTimeout: 60_000,
};

const refused = {};
const refuse = (error) => {
  const code = String(error.errno > 0 ? error.errno : error.code ?? error.message);
  refused[code] = (refused[code] ?? 0) + 1;
};

let release;
const released = new Promise((resolve) => (release = resolve));

// A request: takes a connection, uses it, and keeps it until all requests are released. `held` tells when it has one.
function request(take, give) {
  let took;
  const held = new Promise((resolve) => (took = resolve));
  const answered = (async () => {
    let connection;
    try {
      connection = await take();
      // The server's farewell to a session it times out; without a listener it would end the process.
      if (connection.connection.listenerCount("error") === 0) connection.connection.on("error", () => {});
      await connection.query("SELECT CONNECTION_ID()");
    } catch (error) {
      refuse(error);
      took(false);
      return false;
    }
    took(true);
    await released;
    try {
      await connection.query("SELECT 1");
      return true;
    } catch (error) {
      refuse(error);
      return false;
    } finally {
      give(connection);
    }
  })();
  return { held, answered };
}

// One process: how many connections it holds at once, and its requests with those pushed on top.
async function open({ user, password, limit, pools, outside, push }) {
  const login = { ...server, user, password };
  const filled = Array.from({ length: pools }, () => {
    const pool = mysql.createPool({ ...login, connectionLimit: limit, maxIdle: limit, waitForConnections: true });
    return { pool, requests: fill(pool, limit) };
  });
  const alone = Array.from({ length: outside }, () =>
    request(() => mysql.createConnection(login), (connection) => connection.destroy()),
  );
  const first = [...filled.flatMap(({ requests }) => requests), ...alone];
  const holding = await Promise.all(first.map((each) => each.held));
  // Once a pool is full, as many requests again: they must wait in the process.
  const more = [];
  for (const { pool, requests } of push ? filled : []) {
    if ((await Promise.all(requests.map((each) => each.held))).every(Boolean)) more.push(...fill(pool, limit));
  }
  return { requests: [...first, ...more], held: holding.filter(Boolean).length };
}

const fill = (pool, limit) =>
  Array.from({ length: limit }, () => request(() => pool.getConnection(), (connection) => connection.release()));

const opened = await Promise.all(spec.processes.map(open));
say({ held: opened.reduce((sum, { held }) => sum + held, 0), refused });

if ((await next()) === "release") {
  release();
  const answers = await Promise.all(opened.flatMap((each) => each.requests).map((each) => each.answered));
  say({ answered: answers.filter(Boolean).length, refused });
  await next();
}
process.exit(0); // the sockets close with the process, as when ECS stops a task
