/* intray/device_limits.h - every size and time of the device SDK, by name. C99.
 *
 * The core owns no heap: all of its memory is one struct intray_device, whose size follows from
 * these. Changing one changes the ABI of a library that is already built.
 */
#ifndef INTRAY_DEVICE_LIMITS_H
#define INTRAY_DEVICE_LIMITS_H

/* ---- text, in bytes without the terminating NUL ---- */
#define INTRAY_DEVICE_ID_BYTES_MAX 128u
#define INTRAY_DEVICE_SERVER_BYTES_MAX 255u /**< "https://host:port" of the host */
#define INTRAY_DEVICE_TOKEN_BYTES 43u       /**< 256 bits of base64url */
#define INTRAY_DEVICE_CODE_BYTES_MAX 127u   /**< provisioning and registration codes */
#define INTRAY_DEVICE_CUSTOMER_BYTES_MAX 127u
#define INTRAY_DEVICE_ORIGINS_BYTES_MAX 1024u  /**< all origins together, one NUL each */
#define INTRAY_DEVICE_WAKE_KEYS_BYTES_MAX 512u /**< all wake keys together, one NUL each */
#define INTRAY_DEVICE_TYPE_BYTES_MAX 31u       /**< of an instruction; the rest is cut off */
#define INTRAY_DEVICE_DETAIL_BYTES_MAX 511u    /**< an instruction's URL, a service id, a reason */
#define INTRAY_DEVICE_ETAG_BYTES_MAX 95u       /**< a longer ETag is not sent back */
#define INTRAY_DEVICE_ERROR_BYTES_MAX 199u     /**< of intray_device_last_error() */

/* ---- requests and replies ---- */
#define INTRAY_DEVICE_SLOTS 9u               /**< requests at once: the host's, eight on the LAN */
#define INTRAY_DEVICE_REQUEST_BYTES_MAX 639u /**< a request's body */
#define INTRAY_DEVICE_REPLY_BYTES_MAX 16384u /**< a reply's body; a larger one is a failure */
#define INTRAY_DEVICE_REQUEST_MS_MAX 30000u  /**< then it is canceled and counts as failed */
#define INTRAY_DEVICE_LOOK_AGAIN_MS 50u      /**< while a request is under way */
#define INTRAY_DEVICE_INSTRUCTIONS_MAX 8u    /**< in the journal at once, finished ones included */
#define INTRAY_DEVICE_JSON_DEPTH_MAX 16u     /**< nesting; a deeper reply is refused */

/* ---- wake commands: api/wake_command.md ---- */
#define INTRAY_DEVICE_WAKE_BYTES_MAX 2048u   /**< of a command */
#define INTRAY_DEVICE_WAKE_TEXT_MAX 2731u    /**< of a command as base64url */
#define INTRAY_DEVICE_WAKE_TARGETS_MAX 64u   /**< devices in a command */
#define INTRAY_DEVICE_WAKE_IDS_MAX 32u       /**< unexpired commands that a device remembers */
#define INTRAY_DEVICE_WAKE_GAP_MS 10000u     /**< at most one woken poll in this time */
#define INTRAY_DEVICE_WAKE_PLAIN_MS 60000u   /**< the same for a wake that nobody signed */
#define INTRAY_DEVICE_WAKE_CLOCK_S 60u       /**< how far this device's clock may be behind */
#define INTRAY_DEVICE_RELAYS_MAX 2u          /**< commands that a device passes on at once */
#define INTRAY_DEVICE_LAN_CALLS_MAX 8u       /**< neighbours that it calls at once */
#define INTRAY_DEVICE_LAN_MS_MAX 3000u       /**< for each of two tries */
#define INTRAY_DEVICE_LAN_URL_BYTES_MAX 103u /**< "https://ADDRESS:PORT/doPolling?t=" */
#define INTRAY_DEVICE_LAN_REPLY_BYTES_MAX 1024u

/* ---- storage ---- */
#define INTRAY_DEVICE_KEY_BYTES_MAX 15u      /**< of a storage key: [a-z0-9-] */
#define INTRAY_DEVICE_RECORD_BYTES_MAX 2304u /**< of a stored value */

/* ---- time ---- */
#define INTRAY_DEVICE_POLL_S_DEFAULT 86400u    /**< until the host says otherwise: once a day */
#define INTRAY_DEVICE_POLL_S_MAX 2592000u      /**< thirty days */
#define INTRAY_DEVICE_BACKOFF_MS_MIN 1000u     /**< the shortest wait after a failure */
#define INTRAY_DEVICE_BACKOFF_MS_MAX 300000u   /**< the longest that the SDK picks by itself */
#define INTRAY_DEVICE_RETRY_AFTER_S_MAX 86400u /**< a longer Retry-After is cut to this */
#define INTRAY_DEVICE_LATER_S_MAX 604800u      /**< the host defers an instruction 7 days at most */

#endif /* INTRAY_DEVICE_LIMITS_H */
