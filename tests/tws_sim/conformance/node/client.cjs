// A client of @stoqey/ib: prints what it saw of the gateway as one JSON line.
const path = require("node:path");

const { Client } = require("./listener.cjs");

const ID = Object.fromEntries(
  [
    "share", "option", "chain", "parameters", "shareTicks", "optionTicks", "snapshot", "unknown", "higher",
    "spread", "bars", "absent", "head", "symbols", "computed", "live", "depth", "single", "summary",
  ].map((name, number) => [name, number + 1]),
);

function contract(symbol, secType, more = {}) {
  return { symbol, secType, exchange: "SMART", currency: "USD", ...more };
}

async function everythingElse(client, share, option) {
  const { api } = client;
  const day = option.lastTradeDateOrContractMonth;
  api.reqContractDetails(ID.unknown, contract("NOSUCH", "STK"));
  const higher = { lastTradeDateOrContractMonth: day, strike: option.strike + 5, right: "C" };
  api.reqContractDetails(ID.higher, contract(share.symbol, "OPT", higher));
  api.reqAccountSummary(ID.summary, "All", "NetLiquidation");
  api.reqHistoricalData(ID.bars, share, "", "1 D", "30 mins", "MIDPOINT", 1, 1, false);
  api.reqHistoricalData(ID.absent, share, "", "1 D", "30 mins", "FEE_RATE", 1, 1, false);
  api.reqHeadTimestamp(ID.head, share, "MIDPOINT", true, 1);
  api.reqMatchingSymbols(ID.symbols, share.symbol);
  api.calculateOptionPrice(ID.computed, option, 0.25, option.strike);
  api.reqMarketRule(26);
  api.reqRealTimeBars(ID.live, share, 5, "MIDPOINT", false);
  api.reqMktDepth(ID.depth, share, 3, true);
  api.reqTickByTickData(ID.single, share, "BidAsk", 0, false);
  for (const name of ["unknown", "higher", "summary", "bars", "absent", "head", "symbols", "live", "depth", "single"])
    await client.wait("end", ID[name]);
  await client.wait("tick", ID.computed, "computation 53");
  await client.wait("rule");
  api.cancelMktDepth(ID.depth, true);
  api.cancelTickByTickData(ID.single);
  api.cancelRealTimeBars(ID.live);
  const legs = [[option, "BUY"], [client.details[ID.higher][0].contract, "SELL"]].map(([of, action]) => ({
    conId: of.conId, ratio: 1, action, exchange: "SMART",
  }));
  api.reqMktData(ID.spread, contract(share.symbol, "BAG", { comboLegs: legs }), "", false, false);
  for (const side of [1, 2]) await client.wait("tick", ID.spread, side);
  api.cancelMktData(ID.spread);
  return {
    unknown: (client.details[ID.unknown] ?? []).length,
    summary: client.summary,
    bars: client.bars.length,
    bar_close: client.bars.at(-1),
    head: client.head.slice(0, 8),
    symbols: client.symbols,
    computed: client.ticks[ID.computed]["computation 53"].price,
    rule: client.rule,
    live_bar: client.live,
    depth: [client.book["1 0"], client.book["0 0"]],
    single_tick: client.single,
    spread: [client.ticks[ID.spread][1], client.ticks[ID.spread][2]],
    errors: client.errors.sort((a, b) => a - b),
  };
}

async function main(modules, port, symbol, expiration, strike) {
  const library = require(path.join(modules, "@stoqey/ib"));
  const client = new Client(library, port);
  const { api, ticks } = client;
  api.connect();
  await client.wait("start");
  await client.wait("accounts");
  const version = api.serverVersion;
  api.reqPositions();
  api.reqAccountUpdates(true, client.accounts[0]);
  await client.wait("positions");
  await client.wait("account");
  const described = { lastTradeDateOrContractMonth: expiration };
  api.reqContractDetails(ID.share, contract(symbol, "STK"));
  api.reqContractDetails(ID.option, contract(symbol, "OPT", { ...described, strike, right: "C" }));
  api.reqContractDetails(ID.chain, contract(symbol, "OPT", described));
  for (const name of ["share", "option", "chain"]) await client.wait("end", ID[name]);
  const share = client.details[ID.share][0].contract;
  const details = client.details[ID.option][0];
  const option = details.contract;
  api.reqSecDefOptParams(ID.parameters, symbol, "", "STK", share.conId);
  await client.wait("end", ID.parameters);
  api.reqMktData(ID.shareTicks, share, "100,101,104,106,221,233", false, false);
  api.reqMktData(ID.optionTicks, option, "101,221", false, false);
  for (const type of [1, 2, 4, 8, 29]) await client.wait("tick", ID.shareTicks, type);
  for (const type of [1, 2, 3, 27, 37, "computation 10", "computation 11", "computation 13"])
    await client.wait("tick", ID.optionTicks, type);
  api.reqMktData(ID.snapshot, option, "", true, false);
  await client.wait("end", ID.snapshot);
  api.cancelMktData(ID.optionTicks);
  api.cancelMktData(ID.shareTicks);
  const more = await everythingElse(client, share, option);
  api.reqCurrentTime();
  await client.wait("time");
  api.disconnect();
  const { iv, delta, gamma, vega, theta, und } = ticks[ID.optionTicks]["computation 13"];
  return {
    version,
    accounts: client.accounts,
    net_liquidation: [client.values.NetLiquidation],
    positions: client.held ?? 0,
    share_id: share.conId,
    option_id: option.conId,
    local_symbol: option.localSymbol,
    trading_class: option.tradingClass,
    under_id: details.underConId,
    real_expiration: details.realExpirationDate,
    trading_hours: details.tradingHours,
    time_zone: details.timeZoneId,
    chain: client.details[ID.chain].map((one) => [one.contract.strike, one.contract.right]),
    expirations: client.expirations,
    strikes: client.strikes,
    bid: ticks[ID.optionTicks][1],
    ask: ticks[ID.optionTicks][2],
    bid_size: client.bidSize, // the library drops the size of a bid tick: its own tick type is 0
    mark: ticks[ID.optionTicks][37],
    open_interest: ticks[ID.optionTicks][27],
    share_bid: ticks[ID.shareTicks][1],
    share_ask: ticks[ID.shareTicks][2],
    share_last: ticks[ID.shareTicks][4],
    share_volume: ticks[ID.shareTicks][8],
    call_volume: ticks[ID.shareTicks][29],
    iv, delta, gamma, vega, theta, und,
    snapshot_bid: ticks[ID.snapshot][1],
    epoch: client.epoch,
    ...more,
    connected_at_the_end: api.isConnected,
    problems: client.problems,
  };
}

const [modules, port, symbol, expiration, strike] = process.argv.slice(2);
main(modules, Number(port), symbol, expiration, Number(strike)).then(
  (seen) => console.log(JSON.stringify(seen)),
  (problem) => {
    console.error(problem);
    process.exit(1);
  },
);
