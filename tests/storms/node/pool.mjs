// Processes of tasks with mysql2 pools, driven by lines of JSON: open a wave of them and hold everything, push more, release, end.
import { createInterface } from "node:readline";
import mysql from "mysql2/promise";

// The processes that start and stop together.
class Wave {
  refused = {};
  #pools = [];
  #connections = new Set();
  #requests = [];
  #release;
  #released = new Promise((resolve) => (this.#release = resolve));

  // How many connections are held once each request has one or was refused.
  async open(spec) {
    const opened = await Promise.all(spec.processes.map((each) => this.#process(spec, each)));
    this.#requests = opened.flatMap(({ requests }) => requests);
    return opened.reduce((sum, { held }) => sum + held, 0);
  }

  async release() {
    this.#release();
    const answers = await Promise.all(this.#requests.map(({ answered }) => answered));
    return answers.filter(Boolean).length;
  }

  // The sockets close as when ECS stops a task; what waits in the queues opens none in their place.
  end() {
    for (const pool of this.#pools) pool.end().catch(() => {});
    for (const connection of this.#connections) connection.stream.destroy();
    return 0;
  }

  // One process: how many connections it holds at once, and its requests with those pushed on top.
  async #process(spec, { user, password, limit, pools, outside, push }) {
    const login = {
      host: spec.host,
      port: spec.port,
      database: spec.database,
      ssl: { ca: spec.authority }, // verifies the CA, not the host's name
      connectTimeout: 60_000,
      user,
      password,
    };
    const filled = Array.from({ length: pools }, () => {
      const pool = mysql.createPool({ ...login, connectionLimit: limit, maxIdle: limit, waitForConnections: true });
      this.#pools.push(pool);
      return { pool, requests: this.#fill(pool, limit) };
    });
    const alone = Array.from({ length: outside }, () =>
      this.#request(() => mysql.createConnection(login), (connection) => connection.destroy()),
    );
    const first = [...filled.flatMap(({ requests }) => requests), ...alone];
    const holding = await Promise.all(first.map((each) => each.held));
    // Once a pool is full, as many requests again: they must wait in the process.
    const more = [];
    for (const { pool, requests } of push ? filled : []) {
      if ((await Promise.all(requests.map((each) => each.held))).every(Boolean)) more.push(...this.#fill(pool, limit));
    }
    return { requests: [...first, ...more], held: holding.filter(Boolean).length };
  }

  #fill(pool, limit) {
    const request = () => this.#request(() => pool.getConnection(), (connection) => connection.release());
    return Array.from({ length: limit }, request);
  }

  // A request: takes a connection, uses it, and keeps it until all requests are released. `held` tells when it has one.
  #request(take, give) {
    let took;
    const held = new Promise((resolve) => (took = resolve));
    const answered = (async () => {
      let connection;
      try {
        connection = await take();
        this.#connections.add(connection.connection);
        // The server's farewell to a session it times out; without a listener it would end the process.
        if (connection.connection.listenerCount("error") === 0) connection.connection.on("error", () => {});
        await connection.query("SELECT CONNECTION_ID()");
      } catch (error) {
        this.#refuse(error);
        took(false);
        return false;
      }
      took(true);
      await this.#released;
      try {
        await connection.query("SELECT 1");
        return true;
      } catch (error) {
        this.#refuse(error);
        return false;
      } finally {
        give(connection);
      }
    })();
    return { held, answered };
  }

  #refuse(error) {
    const code = String(error.errno > 0 ? error.errno : error.code ?? error.message);
    this.refused[code] = (this.refused[code] ?? 0) + 1;
  }
}

const waves = new Map();
for await (const line of createInterface({ input: process.stdin })) {
  const { do: what, wave: number, spec } = JSON.parse(line);
  const wave = waves.get(number) ?? new Wave();
  waves.set(number, wave);
  const answer = { number: await wave[what](spec), refused: wave.refused };
  if (what === "end") waves.delete(number);
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
