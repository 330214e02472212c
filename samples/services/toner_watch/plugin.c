/* service-y of FIG. 3: toner comes before it runs out. A whole plugin in C99, with the C headers
 * alone: everything is static, constant data, and no hook is implemented. */
#include <intray/plugin.h>
#include <intray/service.h>
#include <string.h>

/* ---- what it declares ---- */
#define MODEL(id) \
  { sizeof(intray_model_match), INTRAY_MATCH_EXACT, {NULL, 0}, INTRAY_STR_INIT(id) }
static const intray_model_match m1002 = MODEL("M1002");
static const intray_model_match m1003 = MODEL("M1003");
static const intray_model_match m1004 = MODEL("M1004");
static const intray_model_match m1011 = MODEL("M1011");
static const intray_model_match m1021 = MODEL("M1021");
static const intray_model_match m1031 = MODEL("M1031");
static const intray_model_match *const models[] = {&m1002, &m1003, &m1004, &m1011, &m1021, &m1031};

static const intray_service_desc service_y = {
    sizeof(intray_service_desc),
    0,
    INTRAY_STR_INIT("service-y"),
    INTRAY_STR_INIT("Toner watch"),
    INTRAY_STR_INIT("Orders toner before it runs out"),
    INTRAY_STR_INIT("1"),
    sizeof models / sizeof models[0],
    0,
    0,
    0,
    models,
    NULL,
    NULL,
    {NULL, 0}, /* the host's own registration URL */
};

static const intray_plugin_desc descriptor = {
    sizeof(intray_plugin_desc),
    INTRAY_KIND_SERVICE,
    INTRAY_CONCURRENT,
    0,
    INTRAY_STR_INIT("com.example.toner-watch"),
    INTRAY_STR_INIT("Toner watch"),
    INTRAY_STR_INIT("Example"),
    INTRAY_STR_INIT("1.0.0"),
    INTRAY_STR_INIT("Orders toner before it runs out"),
    INTRAY_STR_INIT("Apache-2.0"),
    NULL,
    NULL,
};

/* ---- the service table; hooks that are NULL are not implemented ---- */
static uint32_t INTRAY_CC service_count(const intray_plugin *self) {
  (void)self;
  return 1;
}
static const intray_service_desc *INTRAY_CC service(const intray_plugin *self, uint32_t index) {
  (void)self;
  return index == 0 ? &service_y : NULL;
}
static const intray_service services = {
    sizeof(intray_service), 0, service_count, service, NULL, NULL, NULL, NULL, NULL,
};

/* ---- the plugin: it has no state, so one constant instance will do ---- */
static intray_status INTRAY_CC nothing_to_do(const intray_plugin *self, intray_error *err) {
  (void)self;
  (void)err;
  return INTRAY_OK;
}
static intray_status INTRAY_CC stop(const intray_plugin *self, int64_t deadline_mono_ns,
                                    intray_error *err) {
  (void)deadline_mono_ns;
  return nothing_to_do(self, err);
}
static void INTRAY_CC destroy(const intray_plugin *self) { (void)self; }
static const void *INTRAY_CC get_extension(const intray_plugin *self, const char *id) {
  (void)self;
  return strcmp(id, INTRAY_EXT_SERVICE) == 0 ? &services : NULL;
}
static const intray_plugin plugin = {
    sizeof(intray_plugin), 0,    &descriptor, NULL,          nothing_to_do,
    nothing_to_do,         stop, destroy,     get_extension,
};

/* ---- the library ---- */
static uint32_t INTRAY_CC plugin_count(void) { return 1; }
static const intray_plugin_desc *INTRAY_CC plugin_descriptor(uint32_t index) {
  return index == 0 ? &descriptor : NULL;
}
static intray_status INTRAY_CC create(intray_str plugin_id, const intray_host *host,
                                      const intray_plugin **out, intray_error *err) {
  (void)host;
  (void)err;
  if (plugin_id.size != descriptor.id.size ||
      memcmp(plugin_id.data, descriptor.id.data, plugin_id.size) != 0) {
    return INTRAY_E_NOT_FOUND;
  }
  *out = &plugin;
  return INTRAY_OK;
}
static const intray_plugin_factory factory = {
    sizeof(intray_plugin_factory), 0, plugin_count, plugin_descriptor, create,
};
static intray_status INTRAY_CC library_init(intray_str library_path, intray_error *err) {
  (void)library_path;
  (void)err;
  return INTRAY_OK;
}
static void INTRAY_CC library_deinit(void) {}
static const void *INTRAY_CC get_factory(const char *factory_id) {
  return strcmp(factory_id, INTRAY_FACTORY_PLUGIN) == 0 ? &factory : NULL;
}

INTRAY_EXPORT const intray_entry *INTRAY_CC intray_plugin_entry_v1(void) {
  static const intray_entry entry = {
      sizeof(intray_entry), INTRAY_ENTRY_MAGIC, INTRAY_ABI_MAJOR, INTRAY_ABI_MINOR, 0, 0,
      library_init,         library_deinit,     get_factory,
  };
  return &entry;
}
