// A client of @stoqey/ib that trades: prints what it was told as one JSON line. Fields the library could not
// place, or missed, are errors without a request, and end among the problems.
const path = require("node:path");

const DEADLINE = 15_000;
const CLIENT = 11;
const UNSET = 1.7976931348623157e308;

const [modules, port, symbol, expiration, strike] = process.argv.slice(2);
const library = require(path.join(modules, "@stoqey/ib"));
const event = library.EventName;
const api = new library.IBApi({ host: "127.0.0.1", port: Number(port), clientId: CLIENT });

const seen = { problems: [], errors: [], states: [], live: [], fills: [], asked: [], details: {} };
const [commissions, statuses] = [{}, {}];
const came = new Set();
let waiting = [];

function arrived(...what) {
  came.add(what.join(" "));
  waiting = waiting.filter(({ name, resolve }) => !came.has(name) || resolve());
}

function wait(...what) {
  const name = what.join(" ");
  if (came.has(name)) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`nothing came of ${name}; ${seen.problems}`)), DEADLINE);
    waiting.push({ name, resolve: () => (clearTimeout(timer), resolve(), false) });
  });
}

api.on(event.error, (error, code, id) => {
  if (code !== 202) return void seen.problems.push(`${code} ${id} ${error.message}`);
  seen.errors.push(code);
  arrived(202);
});
api.on(event.nextValidId, (id) => ((seen.next = id), arrived("start")));
api.on(event.contractDetails, (id, details) => (seen.details[id] = details.contract));
api.on(event.contractDetailsEnd, (id) => arrived("details", id));
api.on(event.openOrder, (_id, _contract, order, state) => {
  if (order.whatIf) {
    seen.states.push(state);
    return void arrived("what if", seen.states.length);
  }
  seen.live.push(order.orderRef);
});
api.on(event.openOrderEnd, () => arrived("open orders"));
api.on(event.orderStatus, (id, status, filled, remaining, price) => {
  statuses[id] = { status: [filled, remaining], price };
  arrived(id, status);
});
api.on(event.execDetails, (id, contract, execution) =>
  (id === -1 ? seen.fills : seen.asked).push({ contract, execution }));
api.on(event.execDetailsEnd, () => arrived("executions"));
api.on(event.commissionReport, (report) => {
  commissions[report.execId] = report.commission;
  arrived("commissions", Object.keys(commissions).length);
});

const suffix = (execution) => execution.execId.slice(-6);
const number = (value) => (value === UNSET ? "unset" : value);

async function main() {
  api.connect();
  await wait("start");
  const right = "C";
  for (const [place, at] of [Number(strike), Number(strike) + 5].entries()) {
    const described = { lastTradeDateOrContractMonth: expiration, strike: at, right };
    api.reqContractDetails(place, { symbol, secType: "OPT", exchange: "SMART", currency: "USD", ...described });
    await wait("details", place);
  }
  const comboLegs = ["BUY", "SELL"].map((action, place) => ({
    conId: seen.details[place].conId, ratio: 1, action, exchange: "SMART",
  }));
  const spread = { symbol, secType: "BAG", exchange: "SMART", currency: "USD", comboLegs };
  const limit = { action: "BUY", orderType: "LMT", totalQuantity: 2, lmtPrice: 4.5, tif: "DAY", transmit: true };
  const [asked, bought, resting] = [seen.next, seen.next + 1, seen.next + 2];
  api.placeOrder(asked, spread, { ...limit, whatIf: true });
  await wait("what if", 2);
  api.placeOrder(bought, spread, { ...limit, orderRef: "combo" });
  await wait(bought, "Filled");
  await wait("commissions", 2);
  const far = { ...limit, totalQuantity: 1, lmtPrice: 0.01, orderRef: "resting", tif: "GTC" };
  api.placeOrder(resting, seen.details[0], far);
  await wait(resting, "Submitted");
  seen.live = [];
  api.reqOpenOrders();
  await wait("open orders");
  const live = [...seen.live];
  api.cancelOrder(resting);
  await wait(resting, "Cancelled");
  await wait(202);
  api.reqExecutions(5, { clientId: CLIENT });
  await wait("executions");
  api.disconnect(); // without reqCompletedOrders: below version 177 the library misses a field of completedOrder
  const [first, second] = seen.states;
  return {
    margin: [second.initMarginChange, second.commission],
    unset: String(number(first.initMarginChange)),
    ...statuses[bought],
    fills: seen.fills.map(({ contract, execution }) => [
      contract.secType, execution.side, execution.shares, suffix(execution),
    ]),
    leg_prices: seen.fills.map(({ execution }) => execution.price),
    commissions: seen.fills.map(({ execution }) => commissions[execution.execId] ?? 0).sort((a, b) => a - b),
    live,
    executions: seen.asked.map(({ execution }) => suffix(execution)).sort(),
    references: [...new Set(seen.asked.map(({ execution }) => execution.orderRef))],
    completed: null,
    errors: seen.errors,
    problems: seen.problems,
  };
}

main().then(
  (found) => console.log(JSON.stringify(found)),
  (problem) => {
    console.error(problem);
    process.exit(1);
  },
);
