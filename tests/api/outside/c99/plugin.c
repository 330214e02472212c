/* A service of somebody else, in C99, built without CMake: it gives each device a parameter. */
#include <intray/service.h>
#include <stdlib.h>
#include <string.h>

#define NOTHING \
  { NULL, 0 }

/* ---- what it declares ---- */
static const intray_model_match any_m9 = {sizeof(intray_model_match), INTRAY_MATCH_GLOB, NOTHING,
                                          INTRAY_STR_INIT("M9*")};
static const intray_model_match *const models[] = {&any_m9};

static const intray_param_decl greeting = {
    sizeof(intray_param_decl),
    INTRAY_PARAM_STRING,
    INTRAY_PARAM_REQUIRED,
    0,
    INTRAY_STR_INIT("greeting"),
    INTRAY_STR_INIT("A greeting"),
    NOTHING,
};
static const intray_param_decl *const params[] = {&greeting};

static const intray_service_desc outside_c99 = {
    .struct_size = sizeof(intray_service_desc),
    .service_id = INTRAY_STR_INIT("outside-c99"),
    .display_name = INTRAY_STR_INIT("Outside, C99"),
    .model_count = 1,
    .param_count = 1,
    .models = models,
    .params = params,
};

static const intray_plugin_desc descriptor = {
    .struct_size = sizeof(intray_plugin_desc),
    .kind = INTRAY_KIND_SERVICE,
    .concurrency = INTRAY_CONCURRENT,
    .id = INTRAY_STR_INIT("org.example.outside-c99"),
    .name = INTRAY_STR_INIT("Outside, C99"),
    .version = INTRAY_STR_INIT("0.1.0"),
};

/* ---- the service ---- */
static uint32_t INTRAY_CC service_count(const intray_plugin *self) {
  (void)self;
  return 1;
}
static const intray_service_desc *INTRAY_CC service(const intray_plugin *self, uint32_t index) {
  (void)self;
  return index == 0 ? &outside_c99 : NULL;
}
static intray_status INTRAY_CC registration_params(const intray_plugin *self,
                                                   const intray_call *call, intray_str service_id,
                                                   const intray_device *device,
                                                   const intray_kv_sink *sink, intray_error *err) {
  const intray_str name = INTRAY_STR_INIT("greeting");
  (void)self;
  (void)call;
  (void)service_id;
  (void)err;
  return sink->add(sink, name, device->device_id);
}
static const intray_service services = {
    .struct_size = sizeof(intray_service),
    .service_count = service_count,
    .service = service,
    .registration_params = registration_params,
};

/* ---- the plugin: allocated, so that destroy() has something to free ---- */
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
static void INTRAY_CC destroy(const intray_plugin *self) { free(self->impl); }
static const void *INTRAY_CC get_extension(const intray_plugin *self, const char *id) {
  (void)self;
  return strcmp(id, INTRAY_EXT_SERVICE) == 0 ? &services : NULL;
}

/* ---- the library ---- */
static uint32_t INTRAY_CC count(void) { return 1; }
static const intray_plugin_desc *INTRAY_CC describe(uint32_t index) {
  return index == 0 ? &descriptor : NULL;
}
static intray_status INTRAY_CC create(intray_str id, const intray_host *host,
                                      const intray_plugin **out, intray_error *err) {
  intray_plugin *made;
  (void)host;
  (void)err;
  if (id.size != descriptor.id.size || memcmp(id.data, descriptor.id.data, id.size) != 0) {
    return INTRAY_E_NOT_FOUND;
  }
  made = calloc(1, sizeof *made);
  if (made == NULL) return INTRAY_E_NO_MEMORY;
  made->struct_size = sizeof *made;
  made->desc = &descriptor;
  made->impl = made;
  made->init = nothing_to_do;
  made->start = nothing_to_do;
  made->stop = stop;
  made->destroy = destroy;
  made->get_extension = get_extension;
  *out = made;
  return INTRAY_OK;
}
static const intray_plugin_factory factory = {
    .struct_size = sizeof(intray_plugin_factory),
    .count = count,
    .descriptor = describe,
    .create = create,
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
      .struct_size = sizeof(intray_entry),
      .magic = INTRAY_ENTRY_MAGIC,
      .abi_major = INTRAY_ABI_MAJOR,
      .abi_minor = INTRAY_ABI_MINOR,
      .init = library_init,
      .deinit = library_deinit,
      .get_factory = get_factory,
  };
  return &entry;
}
