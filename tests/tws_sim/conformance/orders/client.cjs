// Does with @stoqey/ib what the commands on standard input say, and prints what it is told. A field that the library
// could not place, or missed, is an error without an order.
const path = require("node:path");
const readline = require("node:readline");

const LIVE = -1;

const [modules, port, fields] = process.argv.slice(2);
const wanted = JSON.parse(fields);
const library = require(path.join(modules, "@stoqey/ib"));
const event = library.EventName;
const api = new library.IBApi({ host: "127.0.0.1", port: Number(port), clientId: 11 });
const known = {};
let next;

const tell = (kind, what) => console.log(JSON.stringify({ kind, ...what }));
const picked = (kind, of) => Object.fromEntries(wanted[kind].map((name) => [name, of[name] ?? null]));
const described = (contract) => ({
  ...picked("contract", contract),
  comboLegs: (contract.comboLegs ?? []).map((leg) => picked("leg", leg)),
});

function told(kind, id, contract, order, state) {
  const parts = { order: picked("order", order), state: picked("state", state) };
  tell(kind, { id, contract: described(contract), ...parts });
}

api.on(event.nextValidId, (id) => {
  next = id;
  api.reqPositions();
  api.reqAccountUpdates(true, "");
});
api.on(event.accountDownloadEnd, () => tell("end", { of: "start" }));
api.on(event.error, (error, code, id) => tell("error", { id, code, text: error.message }));
api.on(event.openOrder, (id, contract, order, state) => told("openOrder", id, contract, order, state));
api.on(event.openOrderEnd, () => tell("end", { of: "openOrders" }));
api.on(event.completedOrder, (contract, order, state) => told("completedOrder", 0, contract, order, state));
api.on(event.completedOrdersEnd, () => tell("end", { of: "completedOrders" }));
api.on(event.orderStatus, (id, status, filled, remaining, avgFillPrice, ...more) => {
  const [permId, _parentId, lastFillPrice, _clientId, whyHeld] = more;
  tell("orderStatus", { id, status, filled, remaining, avgFillPrice, lastFillPrice, permId, whyHeld });
});
api.on(event.execDetails, (id, contract, execution) =>
  tell("execDetails", { live: id === LIVE, contract: described(contract), execution: picked("execution", execution) }));
api.on(event.execDetailsEnd, () => tell("end", { of: "executions" }));
api.on(event.commissionReport, (report) => tell("commissionReport", picked("report", report)));
api.on(event.position, (_account, contract, position, avgCost) =>
  tell("position", { contract: described(contract), position, avgCost }));
api.on(event.updatePortfolio, (contract, position, marketPrice, _value, averageCost, _unrealized, realizedPNL) =>
  tell("holding", { contract: described(contract), position, marketPrice, averageCost, realizedPNL }));
api.on(event.updateAccountValue, (tag, value) => tell("accountValue", { tag, value }));

const actions = {
  // A what-if, a new order, or new terms for one that is known.
  place({ contract, order, parent }) {
    known[order.orderRef] ??= next++;
    api.placeOrder(known[order.orderRef], contract, { ...order, parentId: parent ? known[parent] : 0 });
  },
  cancel: ({ name }) => api.cancelOrder(known[name]),
  globalCancel: () => api.reqGlobalCancel(),
  openOrders: () => api.reqOpenOrders(),
  executions: () => api.reqExecutions(1, {}),
  completedOrders: () => api.reqCompletedOrders(true),
};

const commands = readline.createInterface({ input: process.stdin });
commands.on("line", (line) => {
  const command = JSON.parse(line);
  actions[command.do](command);
});
commands.on("close", () => api.disconnect());
api.connect();
