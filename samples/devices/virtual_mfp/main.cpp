// A virtual MFP: the real device SDK with its ports, and a screen instead of a panel. One process
// is one device.
#include <intray/device_posix.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <intray/device.hpp>

#include "connection.hpp"
#include "screen.hpp"

namespace {

using intray::Device;

// A stop signal that arrives just before the wait must not have to wait for long.
constexpr std::uint64_t kWaitMsMax = 500;

struct Flags {
  devices::Connection connection;
  std::string device_id, code, token, directory;
  bool once = false, json = false;
};

void add_flags(CLI::App& app, Flags& flags) {
  flags.connection.add_flags(app);
  app.add_option("--device", flags.device_id, "The device id in the inventory")->required();
  auto* code = app.add_option("--code", flags.code, "Provision with this one-time code");
  app.add_option("--token", flags.token, "Use a token that the host already knows")->excludes(code);
  app.add_option("--directory", flags.directory, "Where the device keeps its state")->required();
  app.add_flag("--once", flags.once, "Poll once, carry out what came, and end");
  app.add_flag("--json", flags.json, "One JSON object a line");
}

int fail(const std::string& what, const char* why) {
  std::fprintf(stderr, "virtual_mfp: %s: %s\n", what.c_str(), why);
  return 1;
}

/// Steps the device until a signal comes, or until --once has its answer; the exit code.
int run(Device& device, const devices::Screen& screen, intray_curl* curl, bool once) {
  while (!devices::stop_requested()) {
    const auto now = intray_posix_now_ms();
    const auto next = device.step(Device::Milliseconds(now)).count();
    if (once && screen.polled() && !device.busy()) return *device.last_error() == '\0' ? 0 : 1;
    if (once && screen.failed()) return 1;
    const auto wait = next > now ? std::min(next - now, kWaitMsMax) : 0;
    intray_curl_wait(curl, static_cast<std::uint32_t>(wait));
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
  if (flags.once) device.poll_now();
  const int code = run(device, screen, curl.get(), flags.once);
  intray_posix_storage_close(&storage);
  return code;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"A virtual MFP: one device, with a screen for a panel", "virtual_mfp"};
  Flags flags;
  add_flags(app, flags);
  CLI11_PARSE(app, argc, argv);
  devices::catch_stop_signals();
  return start(flags);
}
