// What the operator does on the host's Unix socket.
#include <CLI/CLI.hpp>
#include <boost/json/serialize.hpp>
#include <iostream>

#include "host/cli/session.hpp"

namespace intray::cli {
namespace {

Call on_socket(const std::string& method, const std::string& path) {
  Call call;
  call.method = method;
  call.path = path;
  call.on_socket = true;
  return call;
}

void add_token_create(CLI::App& token, Session& session) {
  struct Options {
    std::string role, customer, name;
  };
  auto options = std::make_shared<Options>();
  auto* create = token.add_subcommand("create", "make a token; it is shown once");
  create->add_option("--role", options->role, "administrator, viewer or operator")
      ->required()
      ->check(CLI::IsMember({"administrator", "viewer", "operator"}));
  create->add_option("--customer,-c", options->customer, "whose; not for an operator");
  create->add_option("--name,-n", options->name, "what it is for");
  create->callback([&session, options] {
    session.chosen = [&session, options] {
      auto call = on_socket("POST", "/v1/operator/tokens");
      boost::json::object body{{"role", options->role}};
      if (!options->customer.empty()) body["customer"] = options->customer;
      if (!options->name.empty()) body["name"] = options->name;
      call.body = boost::json::serialize(body);
      return run(session, call, [&](const Reply& reply) {
        std::cout << text_of(reply.json, "token") << '\n';
        hint(session.style,
             "token " + text_of(reply.json, "id") + ": keep it, it is not shown again");
        return kOk;
      });
    };
  });
}

void add_token_list(CLI::App& token, Session& session) {
  token.add_subcommand("list", "all tokens, without their secrets")->callback([&session] {
    session.chosen = [&session] {
      return print_all(session, "/v1/operator/tokens", true,
                       {"TOKEN", "ROLE", "CUSTOMER", "NAME", "MADE"},
                       {"id", "role", "customer", "name", "created"}, "no token yet");
    };
  });
}

void add_token_revoke(CLI::App& token, Session& session) {
  auto id = std::make_shared<std::string>();
  auto* revoke = token.add_subcommand("revoke", "revoke a token at once");
  revoke->add_option("token", *id, "its id, such as t-4f2a")->required();
  revoke->callback([&session, id] {
    session.chosen = [&session, id] {
      const auto call = on_socket("DELETE", "/v1/operator/tokens/" + url_escape(*id));
      return run(session, call, [&](const Reply&) {
        std::cout << *id << " is revoked\n";
        return kOk;
      });
    };
  });
}

void add_token(CLI::App& app, Session& session) {
  auto* token = app.add_subcommand("token", "tokens of administrators, viewers and operators");
  token->require_subcommand(1);
  add_token_create(*token, session);
  add_token_list(*token, session);
  add_token_revoke(*token, session);
}

// A code is shown once: those that were made before one failed are printed all the same.
Exit partly(const Session& session, boost::json::array made, const Result<Reply>& failed) {
  auto style = session.style;
  const bool some = !made.empty();
  if (style.json && some) {
    std::cout << boost::json::object{{"items", std::move(made)}} << '\n';
    style.json = false;  // that was the one document: the reason goes to standard error
  }
  const auto exit = failed ? explain(style, *failed) : explain(style, failed.error());
  return some ? kPartial : exit;
}

// Codes for several devices come as lines "DEVICE CODE"; for one, the code alone, to be copied.
Exit provision(const Session& session, const std::vector<std::string>& devices) {
  boost::json::array made;
  for (const auto& device : devices) {
    const auto call =
        on_socket("POST", "/v1/operator/devices/" + url_escape(device) + "/provisioning-code");
    const auto reply = send(session.connection, call);
    if (!reply || !reply->ok()) return partly(session, std::move(made), reply);
    made.push_back(reply->json);
    if (session.style.json) continue;
    const auto code = text_of(reply->json, "code");
    std::cout << (devices.size() == 1 ? code : device + ' ' + code) << '\n';
    if (devices.size() == 1) {
      hint(session.style, "type it into " + device + " before " + text_of(reply->json, "expires"));
    }
  }
  if (session.style.json) std::cout << boost::json::object{{"items", made}} << '\n';
  return kOk;
}

void add_provision(CLI::App& app, Session& session) {
  auto devices = std::make_shared<std::vector<std::string>>();
  auto* command =
      app.add_subcommand("provision", "make the one-time code that gives a device its token");
  command->add_option("devices", *devices, "device ids; several print lines of DEVICE CODE")
      ->required();
  command->callback([&session, devices] {
    session.chosen = [&session, devices] { return provision(session, *devices); };
  });
}

boost::json::value setting_of(const std::string& text) {
  if (text == "true" || text == "false") return text == "true";
  if (!text.empty() && text.size() < 10 &&
      text.find_first_not_of("0123456789") == std::string::npos) {
    return std::stoll(text);
  }
  return boost::json::string(text);
}

Exit change_customer(const Session& session, const std::string& id,
                     const std::vector<std::string>& assignments) {
  boost::json::object settings;
  for (const auto& assignment : assignments) {
    const auto equals = assignment.find('=');
    if (equals == std::string::npos) {
      return explain(session.style,
                     Error{INTRAY_E_INVALID, "'" + assignment + "': write setting=value"});
    }
    settings[assignment.substr(0, equals)] = setting_of(assignment.substr(equals + 1));
  }
  auto call = on_socket("PATCH", "/v1/operator/customers/" + url_escape(id));
  call.body = boost::json::serialize(settings);
  return run(session, call, [&](const Reply&) {
    std::cout << id << " is changed\n";
    return kOk;
  });
}

void add_customer(CLI::App& app, Session& session) {
  struct Options {
    std::string id;
    std::vector<std::string> assignments;
  };
  auto options = std::make_shared<Options>();
  auto* customer = app.add_subcommand("customer", "customers and their settings");
  customer->require_subcommand(1);
  customer->add_subcommand("list", "all customers")->callback([&session] {
    session.chosen = [&session] {
      return print_all(session, "/v1/operator/customers", true, {"CUSTOMER", "DEVICES"},
                       {"customer", "devices"}, "no customer yet: import an inventory");
    };
  });
  auto* show = customer->add_subcommand("show", "one customer's settings");
  show->add_option("customer", options->id)->required();
  show->callback([&session, options] {
    session.chosen = [&session, options] {
      const auto call = on_socket("GET", "/v1/operator/customers/" + url_escape(options->id));
      return run(session, call, [](const Reply& reply) {
        const auto* fields = reply.json.if_object();
        if (fields == nullptr) return kFailed;
        for (const auto& [name, value] : *fields) {
          std::cout << name << " = " << text_of(reply.json, name) << '\n';
        }
        return kOk;
      });
    };
  });
  auto* set =
      customer->add_subcommand("set", "change settings: retention=keep poll_interval_s=3600 ...");
  set->add_option("customer", options->id)->required();
  set->add_option("settings", options->assignments, "setting=value")->required();
  set->callback([&session, options] {
    session.chosen = [&session, options] {
      return change_customer(session, options->id, options->assignments);
    };
  });
}

// A library that cannot be read has no id: then its file says which one it is.
Exit list_plugins(const Session& session) {
  auto listing = fetch_all(session, "/v1/operator/plugins", true);
  if (listing.exit != kOk) return listing.exit;
  if (session.style.json) {
    std::cout << boost::json::value(boost::json::object{{"items", listing.items}}) << '\n';
    return kOk;
  }
  std::vector<std::vector<std::string>> rows;
  for (const auto& plugin : listing.items) {
    const auto id = text_of(plugin, "id");
    rows.push_back({id.empty() ? text_of(plugin, "file") : id, text_of(plugin, "version"),
                    text_of(plugin, "state"), text_of(plugin, "services"),
                    text_of(plugin, "reason")});
  }
  print_table({"PLUGIN", "VERSION", "STATE", "SERVICES", "REASON"}, rows, "no plugin found");
  return kOk;
}

void add_plugin(CLI::App& app, Session& session) {
  auto* plugin = app.add_subcommand("plugin", "service and platform plugins");
  plugin->require_subcommand(1);
  plugin->add_subcommand("list", "loaded ones, their services, and refused ones with the reason")
      ->callback([&session] { session.chosen = [&session] { return list_plugins(session); }; });
}

void add_log(CLI::App& app, Session& session) {
  struct Options {
    std::string customer, since = "0";
  };
  auto options = std::make_shared<Options>();
  auto* command = app.add_subcommand("log", "the hash-chained log; --json has all columns");
  command->add_option("--customer,-c", options->customer, "whose; left out: the system's");
  command->add_option("--since", options->since, "only rows after this sequence");
  command->callback([&session, options] {
    session.chosen = [&session, options] {
      return print_all(
          session,
          "/v1/operator/log" + query({{"customer", options->customer}, {"since", options->since}}),
          true, {"NO", "TIME", "BY", "TOPIC", "OUTCOME", "OBJECT", "HASH"},
          {"sequence", "time", "principal", "topic", "outcome", "object", "hash"},
          "the log is empty");
    };
  });
}

void add_store(CLI::App& app, Session& session) {
  auto* store = app.add_subcommand("store", "the store's soundness");
  store->require_subcommand(1);
  store->add_subcommand("check", "prove every invariant; names each broken one")
      ->callback([&session] {
        session.chosen = [&session] {
          const auto reply = send(session.connection, on_socket("GET", "/v1/operator/store/check"));
          if (!reply) return explain(session.style, reply.error());
          if (!reply->ok()) return explain(session.style, *reply);
          const auto& broken = items_of(reply->json, "broken");
          if (session.style.json) {
            std::cout << reply->body << '\n';
          } else if (broken.empty()) {
            std::cout << "the store is sound\n";
          }
          if (!session.style.json) {
            for (const auto& sentence : broken) {
              if (sentence.is_string())
                std::cout << "broken: " << printable(sentence.get_string()) << '\n';
            }
          }
          return broken.empty() ? kOk : kFailed;
        };
      });
}

void add_mailbox(CLI::App& app, Session& session) {
  struct Options {
    std::string customer, acquired;
  };
  auto options = std::make_shared<Options>();
  auto* mailbox =
      app.add_subcommand("mailbox", "what waits for the devices of a customer (FIG. 6)");
  mailbox->require_subcommand(1);
  auto* list =
      mailbox->add_subcommand("list", "all instructions; registration codes are never shown");
  list->add_option("--customer,-c", options->customer, "whose")->required();
  list->add_option("--acquired", options->acquired,
                   "instead: what this device has taken, kept where retention=keep");
  list->callback([&session, options] {
    session.chosen = [&session, options] {
      const auto path = "/v1/operator/mailboxes" +
                        query({{"customer", options->customer}, {"acquired", options->acquired}});
      if (!options->acquired.empty()) {
        return print_all(session, path, true, {"DEVICE", "NO", "INSTRUCTION", "SENT", "ACQUIRED"},
                         {"device_id", "sequence", "type", "sent", "acquired"},
                         "nothing is kept of it: see intray customer set retention=keep");
      }
      return print_all(
          session, path, true, {"DEVICE", "NO", "INSTRUCTION", "URL", "CODE", "FETCHED"},
          {"device_id", "sequence", "type", "url", "code", "fetched"}, "every mailbox is empty");
    };
  });
}

}  // namespace

void add_operator_commands(CLI::App& app, Session& session) {
  add_customer(app, session);
  add_token(app, session);
  add_provision(app, session);
  add_mailbox(app, session);
  add_plugin(app, session);
  add_log(app, session);
  add_store(app, session);
}

}  // namespace intray::cli
