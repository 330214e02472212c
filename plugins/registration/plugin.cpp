// What the library exports.
#include "plugins/registration/registration.hpp"

INTRAY_PLUGIN(intray::registration::Registration)
