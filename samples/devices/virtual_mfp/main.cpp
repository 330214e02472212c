// A virtual MFP: the real device SDK with its ports, and a screen instead of a panel. One process
// is one device.
#include <intray/device_openssl.h>
#include <intray/device_posix.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <intray/device.hpp>

#include "connection.hpp"
#include "screen.hpp"

namespace {

using intray::Device;

// A stop signal that arrives just before the wait must not have to wait for long.
constexpr std::uint64_t kWaitMsMax = 500;

struct Flags {
  devices::Connection connection;
  std::string device_id, code, token, directory, lan;
  bool once = false, json = false;
};

void add_flags(CLI::App& app, Flags& flags) {
  flags.connection.add_flags(app);
  app.add_option("--device", flags.device_id, "The device id in the inventory")->required();
  auto* code = app.add_option("--code", flags.code, "Provision with this one-time code");
  app.add_option("--token", flags.token, "Use a token that the host already knows")->excludes(code);
  app.add_option("--directory", flags.directory, "Where the device keeps its state")->required();
  app.add_option("--lan", flags.lan,
                 "ADDRESS:PORT where it hears /doPolling; without it, it cannot be woken");
  app.add_flag("--once", flags.once, "Poll once, carry out what came, and end");
  app.add_flag("--json", flags.json, "One JSON object a line");
}

int fail(const std::string& what, const char* why) {
  std::fprintf(stderr, "virtual_mfp: %s: %s\n", what.c_str(), why);
  return 1;
}

// "127.0.0.2:8000"; null when it cannot listen there, and said why.
devices::Lan open_lan(const std::string& where) {
  const auto colon = where.rfind(':');
  const auto address = where.substr(0, colon);
  intray_lan_options options{};
  options.address = address.c_str();
  options.port =
      colon == std::string::npos
          ? 0
          : static_cast<std::uint16_t>(std::strtoul(where.c_str() + colon + 1, nullptr, 10));
  const char* why = "";
  devices::Lan lan(intray_lan_open(&options, &why));
  if (lan == nullptr) fail("--lan " + where, why);
  return lan;
}

/// Steps the device until a signal comes, or until --once has its answer; the exit code.
int run(Device& device, const devices::Screen& screen, intray_curl* curl, intray_lan* lan,
        bool once) {
  while (!devices::stop_requested()) {
    const auto now = intray_posix_now_ms();
    if (lan != nullptr) intray_lan_step(lan, device.get(), now, devices::unix_seconds());
    const auto next = device.step(Device::Milliseconds(now)).count();
    if (once && screen.polled() && !device.busy()) return *device.last_error() == '\0' ? 0 : 1;
    if (once && screen.failed()) return 1;
    const auto wait = next > now ? std::min(next - now, kWaitMsMax) : 0;
    if (lan == nullptr) {
      intray_curl_wait(curl, static_cast<std::uint32_t>(wait));
    } else {
      intray_curl_wait_for(curl, static_cast<std::uint32_t>(wait), intray_lan_fd(lan));
    }
  }
  return 0;
}

int start(Flags& flags) {
  intray_posix_storage storage;
  if (const char* why = intray_posix_storage_open(&storage, flags.directory.c_str())) {
    return fail(flags.directory, why);
  }
  const auto curl = flags.connection.open(0);
  const devices::Transport transport(intray_curl_transport_create(curl.get()));
  devices::Screen screen(flags.device_id, flags.json);
  intray_device_options options{};
  options.device_id = flags.device_id.c_str();
  options.server = flags.connection.server.c_str();
  options.transport = intray_curl_transport_table(transport.get());
  options.storage = intray_posix_storage_table(&storage);
  options.random = intray_posix_random();
  options.panel = intray::table_of(screen);
  options.poll_s_max = flags.connection.poll_s_max;
  options.verifier = intray_openssl_verifier();
  options.allow_loopback = flags.connection.allow_loopback;
  Device device;
  if (!device.init(options)) return fail("set up", device.last_error());
  if (!flags.code.empty() && !device.provision(flags.code.c_str())) {
    return fail("--code", device.last_error());
  }
  if (!flags.token.empty() && !device.adopt_token(flags.token.c_str())) {
    return fail("--token", device.last_error());
  }
  if (!device.provisioned() && flags.code.empty() && *device.last_error() != '\0') {
    return fail("not provisioned", device.last_error());
  }
  devices::Lan lan;
  if (!flags.lan.empty()) {
    lan = open_lan(flags.lan);
    if (lan == nullptr) return 1;
  }
  if (flags.once) device.poll_now();
  const int code = run(device, screen, curl.get(), lan.get(), flags.once);
  intray_posix_storage_close(&storage);
  return code;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"A virtual MFP: one device, with a screen for a panel", "virtual_mfp"};
  Flags flags;
  add_flags(app, flags);
  CLI11_PARSE(app, argc, argv);
  devices::handle_signals();
  return start(flags);
}
