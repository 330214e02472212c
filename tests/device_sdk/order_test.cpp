// The order of what is sent and stored is the behaviour here, so this is the place for mocks.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/device_sdk/world.hpp"

namespace intray::testing_support {
namespace {

using testing::_;
using testing::HasSubstr;
using testing::InSequence;
using testing::Return;

/// What a test expects, in one order over sending, storing and telling.
class MockOutside {
 public:
  MOCK_METHOD(HttpReply, send, (const std::string& url, const std::string& body));
  MOCK_METHOD(void, store, (const std::string& key));
};

class RecordingStorage : public MemoryStorage {
 public:
  RecordingStorage(Power& power, MockOutside& outside) : MemoryStorage(power), outside_(outside) {}
  bool put(const char* key, const void* value, std::size_t size) noexcept override {
    outside_.store(key);
    return MemoryStorage::put(key, value, size);
  }

 private:
  MockOutside& outside_;
};

TEST(DeviceOrderTest, RegistersBeforeItAcknowledgesAndStoresBeforeBoth) {
  testing::StrictMock<MockOutside> outside;
  World world;
  RecordingStorage storage(world.power, outside);
  world.options.storage = table_of(storage);
  world.transport.answer = [&](const HttpRequest& request) {
    return outside.send(request.url, request.body);
  };
  const HttpReply instruction{
      200, R"({"instructions":[{"sequence":7,"type":"register-device",)"
           R"("url":"https://host.example:8443/v1/services/service-x/register","code":"c0de"}]})"};
  const InSequence in_order;
  EXPECT_CALL(outside, store("identity"));
  EXPECT_CALL(outside, send(HasSubstr("/v1/provision"), _))
      .WillOnce(Return(HttpReply{200, R"({"customer":"C001","origins":[],"wake_keys":[]})"}));
  EXPECT_CALL(outside, store("identity"));
  EXPECT_CALL(outside, send(HasSubstr("/v1/mailbox"), "")).WillOnce(Return(instruction));
  EXPECT_CALL(outside, store("entry-0"));  // code
  EXPECT_CALL(outside, store("entry-0"));  // registering
  EXPECT_CALL(outside, send(HasSubstr("/register"), R"({"code":"c0de"})"))
      .WillOnce(Return(HttpReply{200, R"({"service":"service-x","parameters":{}})"}));
  EXPECT_CALL(outside, store("entry-0"));  // registered
  EXPECT_CALL(outside, send(HasSubstr("/v1/mailbox/7/acknowledge"), R"({"result":"done"})"))
      .WillOnce(Return(HttpReply{204}));
  EXPECT_CALL(outside, store("entry-0"));  // acknowledged

  ASSERT_TRUE(world.start());
  world.run_for(2000);

  EXPECT_FALSE(world.device.busy());
}

}  // namespace
}  // namespace intray::testing_support
