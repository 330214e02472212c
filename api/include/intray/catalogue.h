/* intray/catalogue.h - the services that plugins offer on this host, and their hooks. */
#ifndef INTRAY_CATALOGUE_H
#define INTRAY_CATALOGUE_H

#include <intray/service.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Takes one service of the plugin; views die when it returns. service->registration_url is always
 * resolved: the service's own, or <public_device_url>/v1/services/<service_id>/register. Anything
 * but INTRAY_OK stops the walk and is returned. */
typedef intray_status(INTRAY_CC *intray_service_visit)(void *user, intray_str plugin_id,
                                                       const intray_service_desc *service);

#define INTRAY_HOST_CATALOGUE "intray.host.catalogue/1"
/** The catalogue (patent: applied models 24, FIG. 3). It does not change while plugins run. */
typedef struct intray_host_catalogue {
  uint32_t struct_size;
  uint32_t reserved0; /**< 0 */
  /** Visits the services that apply to the device's vendor and model, in the order of their ids.
   * [any-thread] */
  intray_status(INTRAY_CC *for_device)(const intray_host *host, const intray_device *device,
                                       intray_service_visit visit, void *user, intray_error *err);
  /** Visits all services, in the order of their ids. [any-thread] */
  intray_status(INTRAY_CC *all)(const intray_host *host, intray_service_visit visit, void *user,
                                intray_error *err);
  /** Do the service's applied models cover this one (patent step S201)? yes: out, 1 or 0.
   * [any-thread]
   * INTRAY_E_NOT_FOUND  no plugin offers the service. */
  intray_status(INTRAY_CC *applies)(const intray_host *host, intray_str service_id,
                                    intray_str vendor, intray_str model, uint32_t *yes,
                                    intray_error *err);
  /** Asks the one service named in app. The host keeps to the deadline of call and to the fault
   * policy: a plugin without the hook abstains. verdict->set is called before this returns, on the
   * same thread. [any-thread]
   * INTRAY_E_NOT_FOUND    no plugin offers the service.
   * INTRAY_E_UNAVAILABLE  its plugin is down, late or at fault. */
  intray_status(INTRAY_CC *validate)(const intray_host *host, const intray_call *call,
                                     const intray_application *app,
                                     const intray_verdict_sink *verdict, intray_error *err);
  /** The registration parameters of one service for one device, defaults filled in. [any-thread]
   * INTRAY_E_NOT_FOUND    no plugin offers the service.
   * INTRAY_E_UNAVAILABLE  its plugin is down, late, at fault, or left out a required parameter. */
  intray_status(INTRAY_CC *registration_params)(const intray_host *host, const intray_call *call,
                                                intray_str service_id, const intray_device *device,
                                                const intray_kv_sink *params, intray_error *err);
} intray_host_catalogue;

#ifdef __cplusplus
} /* extern "C" */
#endif
#endif /* INTRAY_CATALOGUE_H */
