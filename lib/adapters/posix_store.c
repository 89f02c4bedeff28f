#include <prov/port.h>
typedef int stub_posix_store;
