#include "screen.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cstdio>

namespace devices {
namespace {

const char* name_of(intray_device_event_kind kind) {
  switch (kind) {
    case INTRAY_DEVICE_PROVISIONED:
      return "provisioned";
    case INTRAY_DEVICE_POLLED:
      return "polled";
    case INTRAY_DEVICE_REGISTERED:
      return "registered";
    case INTRAY_DEVICE_STOPPED:
      return "stopped";
    case INTRAY_DEVICE_UNSUPPORTED:
      return "unsupported";
    case INTRAY_DEVICE_REFUSED:
      return "refused";
    case INTRAY_DEVICE_DEFERRED:
      return "deferred";
    case INTRAY_DEVICE_DROPPED:
      return "dropped";
    case INTRAY_DEVICE_FAILED:
      return "failed";
    case INTRAY_DEVICE_WOKEN:
      return "woken";
    case INTRAY_DEVICE_RELAYED:
      return "relayed";
  }
  return "unknown";
}

/// What a person at the panel reads.
std::string sentence_of(const intray_device_event& event) {
  const std::string service = event.service;
  const std::string detail = event.detail;
  switch (event.kind) {
    case INTRAY_DEVICE_PROVISIONED:
      return "Ready: this device belongs to " + detail + ".";
    case INTRAY_DEVICE_POLLED:
      return std::to_string(event.sequence) + " new instruction(s).";
    case INTRAY_DEVICE_REGISTERED:
      return "Registered with " + service + ": " + std::string(intray::parameters_of(event));
    case INTRAY_DEVICE_STOPPED:
      return "The service " + service + " was stopped.";
    case INTRAY_DEVICE_UNSUPPORTED:
      return "This device cannot carry out \"" + std::string(event.type) + "\".";
    case INTRAY_DEVICE_REFUSED:
      return "Refused: " + detail + ".";
    case INTRAY_DEVICE_DEFERRED:
      return "Later: " + detail + ".";
    case INTRAY_DEVICE_DROPPED:
      return "Dropped: " + detail + ".";
    case INTRAY_DEVICE_FAILED:
      return "Trying again: " + detail + ".";
    case INTRAY_DEVICE_WOKEN:
      return "Woken.";
    case INTRAY_DEVICE_RELAYED:
      return "Woke " + detail + ".";
  }
  return "";
}

}  // namespace

void Screen::tell(const intray_device_event& event) noexcept {
  polled_ |= event.kind == INTRAY_DEVICE_POLLED;
  // A device that polls every second would fill its screen with nothing new.
  if (event.kind == INTRAY_DEVICE_POLLED && event.sequence == 0) {
    last_failure_.clear();
    return;
  }
  if (event.kind == INTRAY_DEVICE_FAILED) {
    failed_ = true;
    if (last_failure_ == event.detail) return;
    last_failure_ = event.detail;
  }
  json_ ? print_json(event) : print(event);
  std::fflush(stdout);
}

void Screen::print(const intray_device_event& event) const {
  std::printf("%s  %s\n", device_id_.c_str(), sentence_of(event).c_str());
}

void Screen::print_json(const intray_device_event& event) const {
  boost::json::object line{{"device", device_id_}, {"event", name_of(event.kind)}};
  if (event.kind == INTRAY_DEVICE_POLLED) {
    line["instructions"] = event.sequence;
  } else if (event.sequence != 0) {
    line["sequence"] = event.sequence;
    line["type"] = event.type;
  }
  if (*event.service != '\0') line["service"] = event.service;
  if (*event.detail != '\0') line["detail"] = event.detail;
  if (event.parameters_bytes != 0) {
    boost::json::error_code error;
    line["parameters"] = boost::json::parse(
        boost::json::string_view(event.parameters, event.parameters_bytes), error);
  }
  std::printf("%s\n", boost::json::serialize(line).c_str());
}

}  // namespace devices
