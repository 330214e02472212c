/* intray/platform.h - everything a PLATFORM plugin may use: it extends the host, and sees it only
 * through these headers. Policy grants each extension id to each plugin, one by one. */
#ifndef INTRAY_PLATFORM_H
#define INTRAY_PLATFORM_H

#include <intray/catalogue.h>    /* the services offered, and their hooks */
#include <intray/check.h>        /* implemented: proving its own rows sound */
#include <intray/codes.h>        /* registration codes */
#include <intray/commit.h>       /* writing batches */
#include <intray/customer.h>     /* settings of customers */
#include <intray/http.h>         /* HTTP routes */
#include <intray/instructions.h> /* implemented: acknowledgements and timers */
#include <intray/inventory.h>    /* devices */
#include <intray/leaving.h>      /* implemented: devices that leave */
#include <intray/mailbox.h>      /* what waits for a device */
#include <intray/service.h>
#include <intray/store.h> /* reading rows */
#include <intray/wake.h>  /* wake commands */

#endif /* INTRAY_PLATFORM_H */
