/* intray/device_openssl.h - the check of a wake command's signature by OpenSSL. C99. */
#ifndef INTRAY_DEVICE_OPENSSL_H
#define INTRAY_DEVICE_OPENSSL_H

#include <intray/device_supply.h>

#ifdef __cplusplus
extern "C" {
#endif

/** For intray_device_options.verifier. */
intray_device_verifier intray_openssl_verifier(void);

#ifdef __cplusplus
} /* extern "C" */
#endif
#endif /* INTRAY_DEVICE_OPENSSL_H */
