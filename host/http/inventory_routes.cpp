// The operator's inventory import (patent: held-apparatus information 13; FIG. 2, FIG. 9).
#include <boost/json/serialize.hpp>

#include "host/http/idempotency.hpp"
#include "host/http/json.hpp"
#include "host/http/routes.hpp"
#include "host/inventory/importer.hpp"

namespace intray::http {
namespace {

using inventory::State;

constexpr std::size_t kFileBytesMax = 32U << 20U;
constexpr int kDone = 200;
constexpr int kAccepted = 202;
constexpr int kRejected = 422;

boost::json::array rows_json(const std::vector<inventory::DiffRow>& rows) {
  boost::json::array list;
  for (const auto& row : rows) {
    list.push_back(boost::json::object{{"customer", row.customer},
                                       {"device_id", row.device_id},
                                       {"model", row.model},
                                       {"address", row.address}});
  }
  return list;
}

boost::json::array rejected_json(const std::vector<inventory::Rejected>& rows) {
  boost::json::array list;
  for (const auto& row : rows) {
    list.push_back(boost::json::object{
        {"line", row.line}, {"device_id", row.device_id}, {"reason", row.reason}});
  }
  return list;
}

boost::json::object counts_json(const inventory::Counts& counts) {
  return {{"added", counts.added},
          {"changed", counts.changed},
          {"removed", counts.removed},
          {"rejected", counts.rejected}};
}

boost::json::object diff_json(const inventory::Diff& diff) {
  return {{"counts", counts_json(diff.counts)},
          {"added", rows_json(diff.added)},
          {"changed", rows_json(diff.changed)},
          {"removed", rows_json(diff.removed)},
          {"rejected", rejected_json(diff.rejected)}};
}

std::string job_path(const std::string& job) { return "/v1/operator/inventory/" + job; }

Response rejected(const inventory::Diff& diff) {
  return problem(Problem{kRejected,
                         "INT-1040",
                         "Rows of the inventory are refused",
                         "nothing was written: correct these rows and import the file again",
                         {},
                         {{"counts", boost::json::serialize(counts_json(diff.counts))},
                          {"rejected", boost::json::serialize(rejected_json(diff.rejected))}}});
}

Response submitted(const inventory::Submitted& done) {
  if (done.state == State::kRejected) return rejected(done.diff);
  if (done.state == State::kFailed) return problem(Error{INTRAY_E_UNAVAILABLE, done.why});
  auto body = diff_json(done.diff);
  body["job"] = done.job;
  const bool finished = done.state == State::kDone;
  body["state"] = finished ? "done" : "running";
  auto response = json(finished ? kDone : kAccepted, body);
  response.headers.emplace_back("Location", job_path(done.job));
  return response;
}

// "text/csv" with or without parameters, or none at all.
bool is_csv(std::string_view content_type) {
  const auto type = content_type.substr(0, content_type.find(';'));
  return type.empty() || type == "text/csv";
}

Result<Response> import(const Context& context, const Request& request) {
  if (!is_csv(request.header("content-type"))) {
    return problem(Problem{415,
                           "INT-1041",
                           "An inventory is a CSV file",
                           "send it as Content-Type: text/csv",
                           {},
                           {}});
  }
  const auto dry_run = flag_param(request, "dry_run");
  if (!dry_run) return fail(dry_run.error());
  const auto move = flag_param(request, "move");
  if (!move) return fail(move.error());
  if (*dry_run) {
    const auto diff = context.importer.preview(request.body, *move);
    if (!diff) return fail(diff.error());
    return json(kDone, diff_json(*diff));
  }
  const auto caller = call_of(request);
  return once(context.store, caller, [&]() -> Response {
    const auto done = context.importer.submit(request.body, *move, caller);
    return done ? submitted(*done) : problem(done.error());
  });
}

std::string_view state_name(State state) {
  if (state == State::kDone) return "done";
  return state == State::kFailed ? "failed" : "running";
}

Result<Response> show_job(const Context& context, const Request& request) {
  const auto job = context.importer.job(request.path_param("job"));
  if (!job) return fail(job.error());
  return json(kDone, boost::json::object{{"job", job->job},
                                         {"state", state_name(job->is())},
                                         {"detail", job->why},
                                         {"counts", counts_json(job->counts)},
                                         {"devices_done", job->devices_done},
                                         {"started", time_value(job->started)},
                                         {"finished", time_value(job->finished)}});
}

}  // namespace

store::Reply inventory_reply(const inventory::Submitted& submitted) {
  const bool finished = submitted.state == State::kDone;
  store::Reply reply;
  reply.status = static_cast<std::uint32_t>(finished ? kDone : kAccepted);
  reply.location = job_path(submitted.job);
  // Without the rows: a repeat is answered from a row of the store, which has a limit.
  reply.body =
      boost::json::serialize(boost::json::object{{"job", submitted.job},
                                                 {"state", finished ? "done" : "running"},
                                                 {"counts", counts_json(submitted.diff.counts)}});
  return reply;
}

Result<void> add_inventory_routes(Router& router, const Context& context) {
  auto added = add(
      router, "POST", "/v1/operator/inventory?dry_run&move", "operator.change",
      [&context](const Request& request) { return import(context, request); }, kFileBytesMax);
  if (!added) return added;
  return add(router, "GET", "/v1/operator/inventory/{job}", "operator.view",
             [&context](const Request& request) { return show_job(context, request); });
}

}  // namespace intray::http
