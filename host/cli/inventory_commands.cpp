// intray inventory: the operator imports, the administrator lists.
#include <CLI/CLI.hpp>
#include <fstream>
#include <iostream>
#include <sstream>
#include <thread>

#include "host/cli/session.hpp"

namespace intray::cli {
namespace {

struct ImportOptions {
  std::string file;
  bool dry_run = false;
  bool move = false;
};

Result<std::string> contents_of(const std::string& file) {
  std::ostringstream text;
  if (file == "-") {
    text << std::cin.rdbuf();
    return std::move(text).str();
  }
  std::ifstream in(file, std::ios::binary);
  if (!in) return fail(INTRAY_E_INVALID, "cannot read " + file);
  text << in.rdbuf();
  return std::move(text).str();
}

std::string count_of(const boost::json::value& diff, std::string_view part) {
  const auto* fields = diff.if_object();
  const auto* counts = fields == nullptr ? nullptr : fields->if_contains("counts");
  return counts == nullptr ? std::to_string(items_of(diff, part).size()) : text_of(*counts, part);
}

void print_rejected(std::ostream& out, const boost::json::value& diff) {
  for (const auto& row : items_of(diff, "rejected")) {
    out << "  ! line " << text_of(row, "line") << ": " << text_of(row, "reason") << '\n';
  }
}

void print_diff(const Session& session, const Reply& reply, bool dry_run) {
  const std::pair<std::string_view, char> parts[] = {
      {"added", '+'}, {"changed", '~'}, {"removed", '-'}};
  for (const auto& [part, mark] : parts) {
    std::cout << mark << ' ' << count_of(reply.json, part) << ' ' << part << '\n';
    for (const auto& row : items_of(reply.json, part)) {
      std::cout << "  " << mark << ' ' << text_of(row, "customer") << ' '
                << text_of(row, "device_id") << ' ' << text_of(row, "model") << ' '
                << text_of(row, "address") << '\n';
    }
  }
  std::cout << "! " << count_of(reply.json, "rejected") << " rejected\n";
  print_rejected(std::cout, reply.json);
  if (dry_run) hint(session.style, "nothing was written: leave out --dry-run to import");
}

// A large import goes on after the answer; follow its job to the end.
Exit follow(const Session& session, const std::string& job) {
  for (;;) {
    Call call;
    call.path = "/v1/operator/inventory/" + url_escape(job);
    call.on_socket = true;
    const auto reply = send(session.connection, call);
    if (!reply) return explain(session.style, reply.error());
    if (!reply->ok()) return explain(session.style, *reply);
    const auto state = text_of(reply->json, "state");
    if (state == "done") return kOk;
    if (state == "failed") return explain(session.style, *reply);
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  }
}

Exit import_file(const Session& session, const ImportOptions& options) {
  const auto csv = contents_of(options.file);
  if (!csv) return explain(session.style, csv.error());
  Call call;
  call.method = "POST";
  call.path = "/v1/operator/inventory" + query({{"dry_run", options.dry_run ? "true" : ""},
                                                {"move", options.move ? "true" : ""}});
  call.body = *csv;
  call.content_type = "text/csv";
  call.on_socket = true;
  if (!options.dry_run) call.idempotency_key = new_idempotency_key();

  const auto reply = send(session.connection, call);
  if (!reply) return explain(session.style, reply.error());
  if (!reply->ok()) {
    const auto exit = explain(session.style, *reply);
    if (!session.style.json) print_rejected(std::cerr, reply->json);
    return exit;
  }
  if (session.style.json) {
    std::cout << reply->body << '\n';
  } else {
    print_diff(session, *reply, options.dry_run);
  }
  if (!items_of(reply->json, "rejected").empty()) return kFailed;
  const auto job = text_of(reply->json, "job");
  return reply->status == 202 && !job.empty() ? follow(session, job) : kOk;
}

Exit list_devices(const Session& session, const std::string& model, const std::string& service) {
  const auto path = "/v1/devices" + query({{"model", model}, {"service", service}});
  if (service.empty()) {
    return print_all(session, path, false, {"DEVICE", "MODEL", "ADDRESS", "LAST POLL"},
                     {"device_id", "model", "address", "last_poll"},
                     "your inventory holds no device");
  }
  return print_all(session, path, false, {"DEVICE", "MODEL", "ADDRESS", "APPLICABLE", "BECAUSE"},
                   {"device_id", "model", "address", "applicable", "reason"},
                   "your inventory holds no device");
}

}  // namespace

void add_inventory_commands(CLI::App& app, Session& session) {
  auto* inventory = app.add_subcommand("inventory", "the devices that customers hold (FIG. 2)");
  inventory->require_subcommand(1);

  auto options = std::make_shared<ImportOptions>();
  auto* command = inventory->add_subcommand(
      "import", "make a CSV file the whole truth for each customer that it names (operator)");
  command
      ->add_option("file", options->file,
                   "header customer,model,device,address; - is standard input")
      ->required();
  command->add_flag("--dry-run", options->dry_run, "show what would change, write nothing");
  command->add_flag("--move", options->move, "let devices leave the customer that holds them now");
  command->callback([&session, options] {
    session.chosen = [&session, options] { return import_file(session, *options); };
  });

  struct ListOptions {
    std::string model, service;
  };
  auto filter = std::make_shared<ListOptions>();
  auto* list = inventory->add_subcommand("list", "your devices (administrator)");
  list->add_option("--model,-m", filter->model, "only this model");
  list->add_option("--service,-s", filter->service, "say which of them this service applies to");
  list->callback([&session, filter] {
    session.chosen = [&session, filter] {
      return list_devices(session, filter->model, filter->service);
    };
  });
}

}  // namespace intray::cli
