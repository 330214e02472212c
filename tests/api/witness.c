/* What .ci/check-abi looks at: a library whose one function reaches every struct of the plugin ABI,
 * so that its debug information holds the whole layout. */
#include <intray/platform.h>
#include <intray/plugin.h>
#include <stddef.h>

/* Roots only: what they point to is reached through them. */
struct witness {
  const intray_entry *entry;
  const intray_plugin_factory *factory;
  /* what the host offers */
  const intray_host_catalogue *catalogue;
  const intray_host_clock *clock;
  const intray_host_codes *codes;
  const intray_host_commit *commit;
  const intray_host_config *config;
  const intray_host_customer *customer;
  const intray_host_http *http;
  const intray_host_inventory *inventory;
  const intray_host_log *log;
  const intray_host_mailbox *mailbox;
  const intray_host_store *store;
  const intray_host_wake *wake;
  /* what a plugin implements */
  const intray_check *check;
  const intray_instructions *instructions;
  const intray_inventory *leaving;
  const intray_service *service;
  const intray_timer *timer;
};

INTRAY_EXPORT const void *intray_witness(const struct witness *seen,
                                         intray_entry_fn *entry_symbol) {
  return entry_symbol == NULL ? NULL : seen->entry;
}
