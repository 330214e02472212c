// intrayd: reads what it is told, runs the daemon until SIGTERM or SIGINT, and says why when it
// cannot.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "host/daemon.hpp"

namespace intray {
namespace {

enum Exit : int { kOk = 0, kFailed = 1, kUsage = 2 };

struct Options {
  std::string config_file;
  std::vector<std::string> settings;
  std::string ready_file;
  bool check_config = false;
  bool check_store = false;
  bool help_config = false;
};

int complain(const Error& error) {
  std::cerr << "intrayd: " << error.message << '\n';
  return error.status == INTRAY_E_INVALID ? kUsage : kFailed;
}

// Under another name first: whoever waits for the file never sees half of it.
bool write_ready_file(const std::string& path, const std::string& line) {
  const auto temporary = path + ".new";
  std::ofstream out(temporary);
  out << line << '\n';
  out.close();
  std::error_code error;
  std::filesystem::rename(temporary, path, error);
  return out.good() && !error;
}

int prove_store(const config::Config& config) {
  const auto broken = check_store(config);
  if (!broken) return complain(broken.error());
  for (const auto& sentence : *broken) std::cout << "broken: " << sentence << '\n';
  if (broken->empty()) std::cout << "the store is sound\n";
  return broken->empty() ? kOk : kFailed;
}

int run(const config::Config& config, const Options& options) {
  // Blocked before any thread begins, so that only sigwait() below gets them.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);

  const auto daemon = Daemon::start(config);
  if (!daemon) return complain(daemon.error());
  if (!options.ready_file.empty() &&
      !write_ready_file(options.ready_file, (*daemon)->ready_line())) {
    return complain({INTRAY_E_INTERNAL, "cannot write the ready file " + options.ready_file});
  }
  int signal = 0;
  sigwait(&signals, &signal);
  return kOk;
}

int run(int argc, char** argv) {
  Options options;
  CLI::App app{"intrayd: switches printer fleets on to services through per-device mailboxes"};
  app.set_version_flag("--version", INTRAY_VERSION);
  app.add_option("--config,-c", options.config_file, "an INFO file, or .ini");
  app.add_option("--set", options.settings, "KEY=VALUE over the file; repeatable");
  app.add_option("--ready-file", options.ready_file,
                 "written once it listens: its URLs and process id, as JSON");
  app.add_flag("--check-config", options.check_config, "read the configuration and end");
  app.add_flag("--check-store", options.check_store,
               "prove the invariants of a store that no daemon has open, and end");
  app.add_flag("--help-config", options.help_config, "every key, its meaning and default");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kOk : kUsage;
  }
  if (options.help_config) {
    std::cout << config::help();
    return kOk;
  }
  const auto config = config::load(options.config_file, options.settings);
  if (!config) return complain(config.error());
  if (options.check_config) {
    std::cout << "the configuration is valid\n";
    return kOk;
  }
  return options.check_store ? prove_store(*config) : run(*config, options);
}

}  // namespace
}  // namespace intray

int main(int argc, char** argv) { return intray::run(argc, argv); }
