#include <prov/port.h>
typedef int stub_curl;
