// The administrator's other commands: what is offered, what runs, what is on, and why not.
#include <CLI/CLI.hpp>
#include <iostream>

#include "host/cli/session.hpp"

namespace intray::cli {
namespace {

void add_services(CLI::App& app, Session& session) {
  auto unused = std::make_shared<bool>(false);
  auto* command = app.add_subcommand("services", "the services offered to you (S311)");
  command->add_flag("--not-in-use", *unused, "only those that none of your devices uses");
  command->callback([&session, unused] {
    session.chosen = [&session, unused] {
      auto listing =
          fetch_all(session, *unused ? "/v1/services?in_use=false" : "/v1/services", false);
      if (listing.exit != kOk) return listing.exit;
      if (session.style.json) {
        std::cout << boost::json::value(boost::json::object{{"items", listing.items}}) << '\n';
        return kOk;
      }
      std::vector<std::vector<std::string>> rows;
      for (const auto& item : listing.items) {
        const auto* devices = item.is_object() ? item.get_object().if_contains("devices") : nullptr;
        const boost::json::value none;
        const auto& counts = devices == nullptr ? none : *devices;
        rows.push_back({text_of(item, "service"), text_of(item, "name"),
                        text_of(counts, "applicable"), text_of(counts, "waiting"),
                        text_of(counts, "registered"), text_of(item, "models")});
      }
      print_table({"SERVICE", "NAME", "APPLICABLE", "WAITING", "REGISTERED", "APPLIED MODELS"},
                  rows, "no service is offered");
      return kOk;
    };
  });
}

void add_applications(CLI::App& app, Session& session) {
  app.add_subcommand("applications", "your applications, oldest first")->callback([&session] {
    session.chosen = [&session] {
      return print_all(session, "/v1/applications", false,
                       {"APPLICATION", "SERVICE", "STATE", "DEVICES", "MADE"},
                       {"id", "service", "state", "devices", "created"}, "no application yet");
    };
  });
  auto id = std::make_shared<std::string>();
  auto* one =
      app.add_subcommand("application", "the devices of an application and where each stands");
  one->add_option("application", *id, "its id")->required();
  one->callback([&session, id] {
    session.chosen = [&session, id] {
      return print_all(session, "/v1/applications/" + url_escape(*id) + "/devices", false,
                       {"DEVICE", "STATE", "SINCE", "FETCHED", "NEXT POLL", "WHY"},
                       {"device_id", "state", "since", "fetched", "next_poll", "why"},
                       "no device in it");
    };
  });
}

void add_cancel(CLI::App& app, Session& session) {
  auto id = std::make_shared<std::string>();
  auto* command = app.add_subcommand("cancel", "cancel an application; final for what still waits");
  command->add_option("application", *id, "its id")->required();
  command->callback([&session, id] {
    session.chosen = [&session, id] {
      Call call;
      call.method = "POST";
      call.path = "/v1/applications/" + url_escape(*id) + "/cancel";
      call.idempotency_key = new_idempotency_key();
      return run(session, call, [&](const Reply& reply) {
        std::cout << *id << " is " << text_of(reply.json, "state") << '\n';
        return kOk;
      });
    };
  });
}

void add_entitlements(CLI::App& app, Session& session) {
  struct Options {
    std::string service, device;
  };
  auto options = std::make_shared<Options>();
  auto* list = app.add_subcommand("entitlements", "which device may use which service (FIG. 4)");
  list->add_option("--service,-s", options->service, "only this service");
  list->add_option("--device,-d", options->device, "only this device");
  list->callback([&session, options] {
    session.chosen = [&session, options] {
      return print_all(
          session,
          "/v1/entitlements" + query({{"service", options->service}, {"device", options->device}}),
          false, {"SERVICE", "DEVICE", "SINCE"}, {"service", "device_id", "since"},
          "no device uses a service yet");
    };
  });

  auto* stop = app.add_subcommand("stop", "stop using a service on a device");
  stop->add_option("service", options->service, "service id")->required();
  stop->add_option("device", options->device, "device id")->required();
  stop->callback([&session, options] {
    session.chosen = [&session, options] {
      Call call;
      call.method = "DELETE";
      call.path =
          "/v1/entitlements/" + url_escape(options->service) + '/' + url_escape(options->device);
      return run(session, call, [&](const Reply&) {
        std::cout << options->device << " no longer uses " << options->service << '\n';
        return kOk;
      });
    };
  });
}

void add_why(CLI::App& app, Session& session) {
  struct Options {
    std::string device, service;
  };
  auto options = std::make_shared<Options>();
  auto* command =
      app.add_subcommand("why", "where a device stands, since when, and what happens next");
  command->add_option("device", options->device, "device id")->required();
  command->add_option("service", options->service, "service id; left out: all of them");
  command->callback([&session, options] {
    session.chosen = [&session, options] {
      Call call;
      call.path = "/v1/devices/" + url_escape(options->device) + "/why" +
                  query({{"service", options->service}});
      return run(session, call, [](const Reply& reply) {
        std::cout << text_of(reply.json, "text") << '\n';
        return kOk;
      });
    };
  });
}

void add_events(CLI::App& app, Session& session) {
  auto since = std::make_shared<std::string>("0");
  auto* command = app.add_subcommand("events", "what happened, oldest first (S209, S221)");
  command->add_option("--since", *since, "only rows after this sequence");
  command->callback([&session, since] {
    session.chosen = [&session, since] {
      boost::json::array all;
      std::string position = *since;
      for (;;) {
        Call call;
        call.path = "/v1/events" + query({{"since", position}, {"limit", "500"}});
        const auto reply = send(session.connection, call);
        if (!reply) return explain(session.style, reply.error());
        if (!reply->ok()) return explain(session.style, *reply);
        const auto& items = items_of(reply->json);
        for (const auto& item : items) all.push_back(item);
        if (items.size() < 500) break;
        position = text_of(items.back(), "sequence");
      }
      const boost::json::value list = boost::json::object{{"items", std::move(all)}};
      if (session.style.json) {
        std::cout << list << '\n';
      } else {
        auto rows = rows_of(list, {"sequence", "time", "topic", "outcome", "object", "principal"});
        for (std::size_t i = 0; i < rows.size(); ++i) {
          const auto* payload = items_of(list)[i].get_object().if_contains("payload");
          rows[i].push_back(payload == nullptr ? "" : text_of(*payload, "step"));
        }
        print_table({"NO", "TIME", "TOPIC", "OUTCOME", "OBJECT", "BY", "STEP"}, rows,
                    "nothing happened yet");
      }
      return kOk;
    };
  });
}

}  // namespace

void add_customer_commands(CLI::App& app, Session& session) {
  add_services(app, session);
  add_applications(app, session);
  add_cancel(app, session);
  add_entitlements(app, session);
  add_why(app, session);
  add_events(app, session);
}

}  // namespace intray::cli
