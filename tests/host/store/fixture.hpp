// A real store in a temporary directory, with a clock that the test turns.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <lmdb.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "host/store/codec.hpp"
#include "host/store/store.hpp"
#include "tests/support/temp_dir.hpp"

namespace intray::store {

class StoreTest : public ::testing::Test {
 protected:
  void SetUp() override { open(); }

  StoreOptions options() {
    StoreOptions options;
    options.directory = directory_.path() / "store";
    options.map_bytes = 64U << 20U;
    options.reserve_bytes = 0;
    options.clock = [this] { return now_; };
    return options;
  }
  void open() { open(options()); }
  void open(StoreOptions options) {
    store_.reset();
    auto opened = Store::open(std::move(options));
    ASSERT_TRUE(opened) << opened.error().message;
    store_ = std::move(*opened);
  }

  Result<Committed> commit(std::vector<Operation> operations, std::string customer = "C001") {
    return store_->commit({std::move(customer), "test", std::move(operations)});
  }
  void must(std::vector<Operation> operations, std::string customer = "C001") {
    const auto committed = commit(std::move(operations), std::move(customer));
    ASSERT_TRUE(committed) << committed.error().message;
  }
  intray_status status_of(std::vector<Operation> operations, std::string customer = "C001") {
    const auto committed = commit(std::move(operations), std::move(customer));
    return committed ? INTRAY_OK : committed.error().status;
  }
  Snapshot snapshot() {
    auto taken = store_->snapshot();
    EXPECT_TRUE(taken) << taken.error().message;
    return std::move(*taken);
  }
  std::vector<std::string> broken() {
    const auto sentences = check(snapshot());
    EXPECT_TRUE(sentences);
    return *sentences;
  }

  // Runs `change` on the raw table while the store is closed.
  void tamper(const std::function<void(MDB_txn*, MDB_dbi)>& change) {
    store_.reset();
    MDB_env* env = nullptr;
    MDB_txn* txn = nullptr;
    MDB_dbi table = 0;
    ASSERT_EQ(mdb_env_create(&env), 0);
    ASSERT_EQ(mdb_env_open(env, (directory_.path() / "store").c_str(), 0, 0600), 0);
    ASSERT_EQ(mdb_txn_begin(env, nullptr, 0, &txn), 0);
    ASSERT_EQ(mdb_dbi_open(txn, nullptr, 0, &table), 0);
    change(txn, table);
    ASSERT_EQ(mdb_txn_commit(txn), 0);
    mdb_env_close(env);
    open();
  }
  // A row that verifies, whatever it says.
  void write_raw(std::string key, const std::string& payload) {
    tamper([&](MDB_txn* txn, MDB_dbi table) {
      auto value = seal(key, 1, payload);
      MDB_val raw_key{key.size(), key.data()};
      MDB_val raw_value{value.size(), value.data()};
      ASSERT_EQ(mdb_put(txn, table, &raw_key, &raw_value, 0), 0);
    });
  }

  static Device device(const std::string& id, const std::string& model = "MFP-X100") {
    Device device;
    device.device_id = id;
    device.model = model;
    device.address = "192.0.2.7";
    device.vendor = "Example";
    return device;
  }
  static Send send(const std::string& device_id, const std::string& reference) {
    return {device_id, "register-device", reference, "intray.registration", "service-x", "{}", 0};
  }

  testing_support::TempDir directory_;
  UnixNs now_ = 1'800'000'000 * kSecondNs;
  std::unique_ptr<Store> store_;
};

}  // namespace intray::store
