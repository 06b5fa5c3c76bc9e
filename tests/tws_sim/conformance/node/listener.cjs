// What @stoqey/ib calls back, noted for the scenario of client.cjs. Fields the library could not place, or
// missed, are errors without a request, and end among the problems.
const DEADLINE = 15_000;
const EXPECTED = new Set([200, 162]); // what the scenario provokes: an unknown contract, data nobody has

class Client {
  constructor(library, port) {
    this.api = new library.IBApi({ host: "127.0.0.1", port, clientId: 11 });
    this.problems = [];
    this.errors = [];
    this.details = {};
    this.ticks = {};
    this.values = {};
    this.book = {};
    this.bars = [];
    this.came = new Set();
    this.waiting = [];
    this.listen(library.EventName);
  }

  arrived(...what) {
    this.came.add(what.join(" "));
    this.waiting = this.waiting.filter(({ name, resolve }) => !this.came.has(name) || resolve());
  }

  wait(...what) {
    const name = what.join(" ");
    if (this.came.has(name)) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`nothing came of ${name}; ${this.problems}`)), DEADLINE);
      this.waiting.push({ name, resolve: () => (clearTimeout(timer), resolve(), false) });
    });
  }

  tick(id, type, value) {
    (this.ticks[id] ??= {})[type] = value;
    this.arrived("tick", id, type);
  }

  listen(event) {
    const on = (name, handler) => this.api.on(name, handler);
    on(event.error, (error, code, id) => {
      if (EXPECTED.has(code)) {
        this.errors.push(code);
        this.arrived("end", id);
      } else this.problems.push(`${code} ${id} ${error.message}`);
    });
    on(event.nextValidId, () => this.arrived("start"));
    on(event.managedAccounts, (accounts) => ((this.accounts = accounts.split(",")), this.arrived("accounts")));
    on(event.positionEnd, () => this.arrived("positions"));
    on(event.position, () => (this.held = (this.held ?? 0) + 1));
    on(event.updateAccountValue, (key, value) => (this.values[key] = value));
    on(event.accountDownloadEnd, () => this.arrived("account"));
    on(event.accountSummary, (_id, _account, _tag, value) => (this.summary = value));
    on(event.accountSummaryEnd, (id) => this.arrived("end", id));
    on(event.contractDetails, (id, details) => (this.details[id] ??= []).push(details));
    on(event.contractDetailsEnd, (id) => this.arrived("end", id));
    on(event.securityDefinitionOptionParameter, (_id, _exchange, _under, _class, _multiplier, days, strikes) => {
      this.expirations = [...days].sort();
      this.strikes = [...strikes].sort((a, b) => a - b);
    });
    on(event.securityDefinitionOptionParameterEnd, (id) => this.arrived("end", id));
    on(event.tickPrice, (id, type, price) => this.tick(id, type, price));
    on(event.tickSize, (id, type, size) => this.tick(id, type, size));
    on(event.tickOptionComputation, (id, type, _attrib, iv, delta, price, _dividend, gamma, vega, theta, und) =>
      this.tick(id, `computation ${type}`, { iv, delta, price, gamma, vega, theta, und }));
    on(event.tickSnapshotEnd, (id) => this.arrived("end", id));
    on(event.currentTime, (time) => ((this.epoch = time), this.arrived("time")));
    on(event.historicalData, (id, time, _open, _high, _low, close) =>
      String(time).startsWith("finished") ? this.arrived("end", id) : this.bars.push(close));
    on(event.headTimestamp, (id, time) => ((this.head = time), this.arrived("end", id)));
    on(event.symbolSamples, (id, found) => {
      this.symbols = found.map((one) => one.contract.conId);
      this.arrived("end", id);
    });
    on(event.marketRule, (_rule, steps) => {
      this.rule = steps.map((step) => [step.lowEdge, step.increment]);
      this.arrived("rule");
    });
    on(event.realtimeBar, (id, _time, _open, _high, _low, close) => ((this.live = close), this.arrived("end", id)));
    on(event.updateMktDepthL2, (id, position, _maker, _operation, side, price) => {
      this.book[`${side} ${position}`] = price;
      if (Object.keys(this.book).length === 6) this.arrived("end", id);
    });
    on(event.tickByTickBidAsk, (id, _time, bid, ask, bidSize) => {
      this.single = [bid, ask];
      this.bidSize = bidSize;
      this.arrived("end", id);
    });
  }
}

module.exports = { Client };
