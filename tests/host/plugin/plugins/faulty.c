/* A service plugin with one fault, chosen when it is built: FAULT_* of CMakeLists.txt. */
#include <intray/service.h>
#include <string.h>

#ifndef MAGIC
#define MAGIC INTRAY_ENTRY_MAGIC
#endif
#ifndef MAJOR
#define MAJOR INTRAY_ABI_MAJOR
#endif
#ifndef MIN_MINOR
#define MIN_MINOR 0
#endif
#ifndef KIND
#define KIND INTRAY_KIND_SERVICE
#endif
#ifndef PLUGIN_ID
#define PLUGIN_ID "test.faulty"
#endif
#ifndef SERVICE_ID
#define SERVICE_ID "faulty-service"
#endif
#ifndef REQUIRED
#define REQUIRED NULL
#endif
#ifndef INIT_STATUS
#define INIT_STATUS INTRAY_OK
#endif
#ifndef START_STATUS
#define START_STATUS INTRAY_OK
#endif
#ifndef MODEL_COUNT
#define MODEL_COUNT 1
#endif

static const intray_model_match match = {
    sizeof(intray_model_match), INTRAY_MATCH_GLOB, {NULL, 0}, INTRAY_STR_INIT("*")};
static const intray_model_match *const models[] = {&match};
static const intray_service_desc declared = {
    sizeof(intray_service_desc),
    0,
    INTRAY_STR_INIT(SERVICE_ID),
    INTRAY_STR_INIT("Faulty"),
    {NULL, 0},
    {NULL, 0},
    MODEL_COUNT,
    0,
    0,
    0,
    models,
    NULL,
    NULL,
    {NULL, 0},
};
static const char *const required[] = {REQUIRED, NULL};
static const intray_plugin_desc descriptor = {
    sizeof(intray_plugin_desc),
    KIND,
    INTRAY_CONCURRENT,
    0,
    INTRAY_STR_INIT(PLUGIN_ID),
    INTRAY_STR_INIT("Faulty"),
    INTRAY_STR_INIT("Test"),
    INTRAY_STR_INIT("1.0.0"),
    {NULL, 0},
    {NULL, 0},
    required,
    NULL,
};

static uint32_t INTRAY_CC service_count(const intray_plugin *self) {
  (void)self;
  return 1;
}
static const intray_service_desc *INTRAY_CC service(const intray_plugin *self, uint32_t index) {
  (void)self;
  return index == 0 ? &declared : NULL;
}
static const intray_service services = {
    sizeof(intray_service), 0, service_count, service, NULL, NULL, NULL, NULL, NULL,
};

static intray_status INTRAY_CC init(const intray_plugin *self, intray_error *err) {
  (void)self;
  (void)err;
  return INIT_STATUS;
}
static intray_status INTRAY_CC start(const intray_plugin *self, intray_error *err) {
  (void)self;
  (void)err;
  return START_STATUS;
}
static intray_status INTRAY_CC stop(const intray_plugin *self, int64_t deadline,
                                    intray_error *err) {
  (void)self;
  (void)deadline;
  (void)err;
  return INTRAY_OK;
}
static void INTRAY_CC destroy(const intray_plugin *self) { (void)self; }
static const void *INTRAY_CC get_extension(const intray_plugin *self, const char *id) {
  (void)self;
  return strcmp(id, INTRAY_EXT_SERVICE) == 0 ? &services : NULL;
}
static const intray_plugin plugin = {
    sizeof(intray_plugin), 0, &descriptor, NULL, init, start, stop, destroy, get_extension,
};

static uint32_t INTRAY_CC plugin_count(void) { return 1; }
static const intray_plugin_desc *INTRAY_CC plugin_descriptor(uint32_t index) {
  return index == 0 ? &descriptor : NULL;
}
static intray_status INTRAY_CC create(intray_str id, const intray_host *host,
                                      const intray_plugin **out, intray_error *err) {
  (void)id;
  (void)host;
  (void)err;
  *out = &plugin;
  return INTRAY_OK;
}
static const intray_plugin_factory factory = {
    sizeof(intray_plugin_factory), 0, plugin_count, plugin_descriptor, create,
};
static intray_status INTRAY_CC library_init(intray_str path, intray_error *err) {
  (void)path;
  (void)err;
  return INTRAY_OK;
}
static void INTRAY_CC library_deinit(void) {}
static const void *INTRAY_CC get_factory(const char *id) {
  return strcmp(id, INTRAY_FACTORY_PLUGIN) == 0 ? &factory : NULL;
}

INTRAY_EXPORT const intray_entry *INTRAY_CC intray_plugin_entry_v1(void) {
  static const intray_entry entry = {
      sizeof(intray_entry), MAGIC,          MAJOR,       0, MIN_MINOR, 0,
      library_init,         library_deinit, get_factory,
  };
  return &entry;
}
