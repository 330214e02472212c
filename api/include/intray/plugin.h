/* intray/plugin.h - what a plugin library exports, and the life of one plugin in it.
 *
 * library  intray_plugin_entry_v1() -> intray_entry -> get_factory(INTRAY_FACTORY_PLUGIN)
 * factory  count, descriptor, create -> intray_plugin
 * plugin   create -> init -> start -> (hooks) -> stop -> destroy
 *          init failed: destroy comes next. start failed: stop, then destroy.
 * A library stays mapped until the process ends: it is never unloaded.
 */
#ifndef INTRAY_PLUGIN_H
#define INTRAY_PLUGIN_H

#include <intray/abi.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The host, as one plugin instance sees it. Lives until destroy() returns. */
typedef struct intray_host intray_host;
struct intray_host {
  uint32_t struct_size;
  uint32_t abi_major; /**< INTRAY_ABI_MAJOR of the host */
  uint32_t abi_minor; /**< INTRAY_ABI_MINOR of the host */
  uint32_t reserved0; /**< 0 */
  void *impl;         /**< the host's */
  intray_str name;    /**< such as "intrayd" */
  intray_str version; /**< SemVer 2.0, of the host program */
  /** A table of host functions, such as intray_host_log for INTRAY_HOST_LOG. NULL: an unknown id,
   * or one that policy does not grant to this plugin. The table lives until destroy() returns, and
   * none of its slots inside its struct_size is NULL. Not allowed before init().
   * [any-thread] */
  const void *(INTRAY_CC *get_extension)(const intray_host *host, const char *id);
};

#define INTRAY_KIND_SERVICE 1u  /**< declares services: intray/service.h */
#define INTRAY_KIND_PLATFORM 2u /**< extends the host: intray/platform.h; policy must agree */
#define INTRAY_SERIAL 1u        /**< at most one [worker] call in the instance at a time */
#define INTRAY_CONCURRENT 2u    /**< [worker] calls may overlap */

/** What a plugin is: static, constant data that the host reads before any of its code has state. */
typedef struct intray_plugin_desc {
  uint32_t struct_size;
  uint32_t kind;        /**< INTRAY_KIND_* */
  uint32_t concurrency; /**< INTRAY_SERIAL or INTRAY_CONCURRENT */
  uint32_t flags;       /**< 0; the host refuses to load a plugin with bits that it does not know */
  intray_str id;        /**< reverse DNS, [a-z0-9.-]{3,128}, such as "com.example.secure-print" */
  intray_str name;      /**< shown to an operator; 1..128 bytes */
  intray_str vendor;    /**< who made it; 0..128 bytes */
  intray_str version;   /**< SemVer 2.0 */
  intray_str description; /**< one sentence; 0..1024 bytes */
  intray_str license;     /**< SPDX expression; may be empty */
  /** Host extension ids ending with NULL, or NULL for none. The host refuses the plugin, before
   * create(), when it lacks one of the required ones or policy does not grant it. */
  const char *const *required_extensions;
  const char *const *optional_extensions; /**< the same, but get_extension may answer NULL */
} intray_plugin_desc;

/** One plugin instance. The plugin owns it; it lives until destroy() is called. init, start and
 * stop answer INTRAY_OK, or any status with a message for the operator. */
typedef struct intray_plugin intray_plugin;
struct intray_plugin {
  uint32_t struct_size;
  uint32_t reserved0;             /**< 0 */
  const intray_plugin_desc *desc; /**< as the factory gave it */
  void *impl;                     /**< the plugin's */
  /** Get the extensions, read the configuration; no thread yet. [control] */
  intray_status(INTRAY_CC *init)(const intray_plugin *self, intray_error *err);
  /** May start threads and add routes. [control] */
  intray_status(INTRAY_CC *start)(const intray_plugin *self, intray_error *err);
  /** No new call comes in, but calls already made may still run. All routes are removed and all own
   * threads joined on return. deadline_mono_ns: return by then (CLOCK_MONOTONIC; 0 = no deadline).
   * [control], and the only one that may overlap a [worker] call */
  intray_status(INTRAY_CC *stop)(const intray_plugin *self, int64_t deadline_mono_ns,
                                 intray_error *err);
  /** Frees the instance: the last call on it. [control] */
  void(INTRAY_CC *destroy)(const intray_plugin *self);
  /** A table that the plugin implements, such as intray_service for INTRAY_EXT_SERVICE; NULL when
   * it does not know the id. The table lives until destroy(). [any-thread], after init() succeeded
   */
  const void *(INTRAY_CC *get_extension)(const intray_plugin *self, const char *id);
};

#define INTRAY_FACTORY_PLUGIN "intray.plugin-factory/1"

/** Makes the plugins of a library. Static, constant data. */
typedef struct intray_plugin_factory {
  uint32_t struct_size;
  uint32_t reserved0; /**< 0 */
  /** How many plugins the library holds; 1..64. [any-thread] */
  uint32_t(INTRAY_CC *count)(void);
  /** The index-th, from 0; static data. NULL when there is none. [any-thread] */
  const intray_plugin_desc *(INTRAY_CC *descriptor)(uint32_t index);
  /** Makes an instance. It must not call the host, whose pointer it may keep until destroy(). *out
   * is set on INTRAY_OK only. [control]
   * INTRAY_E_NOT_FOUND  the library holds no plugin of that id. */
  intray_status(INTRAY_CC *create)(intray_str plugin_id, const intray_host *host,
                                   const intray_plugin **out, intray_error *err);
} intray_plugin_factory;

/** A plugin library. Static, constant data. A host of another major refuses it, and one whose minor
 * is below abi_min_minor; a newer abi_minor is welcome. */
typedef struct intray_entry {
  uint32_t struct_size;
  uint32_t magic;         /**< INTRAY_ENTRY_MAGIC */
  uint32_t abi_major;     /**< INTRAY_ABI_MAJOR of the headers that the plugin was built with */
  uint32_t abi_minor;     /**< INTRAY_ABI_MINOR of those */
  uint32_t abi_min_minor; /**< oldest host minor it can live with; INTRAY_HAS tells the rest */
  uint32_t flags;         /**< 0; unknown bits: refused */
  /** Called once after loading. When it fails the library stays unused. [control] */
  intray_status(INTRAY_CC *init)(intray_str library_path, intray_error *err);
  /** Called at the end of the process, after the last destroy(). [control] */
  void(INTRAY_CC *deinit)(void);
  /** The factory of that id, or NULL. Static data. [any-thread], after init */
  const void *(INTRAY_CC *get_factory)(const char *factory_id);
} intray_entry;

/** The type of INTRAY_ENTRY_SYMBOL. */
typedef const intray_entry *(INTRAY_CC intray_entry_fn)(void);

/** The ONLY symbol that a plugin library exports. Returns the same constant data each time; must
 * not allocate, throw or start a thread. [any-thread] */
INTRAY_EXPORT const intray_entry *INTRAY_CC intray_plugin_entry_v1(void);

#ifdef __cplusplus
} /* extern "C" */
#endif
#endif /* INTRAY_PLUGIN_H */
