/* SPDX-License-Identifier: MIT */
#ifndef PROV_PROV_H
#define PROV_PROV_H

/**
 * @file
 * @brief All of libprov but the adapters.
 */

#include <prov/apply.h>
#include <prov/base.h>
#include <prov/cert.h>
#include <prov/cfg.h>
#include <prov/check_sync.h>
#include <prov/dhcp.h>
#include <prov/dialect.h>
#include <prov/diff.h>
#include <prov/discover.h>
#include <prov/enc.h>
#include <prov/endpoint.h>
#include <prov/explain.h>
#include <prov/http_date.h>
#include <prov/layer.h>
#include <prov/macro.h>
#include <prov/migrate.h>
#include <prov/ops.h>
#include <prov/param.h>
#include <prov/patch.h>
#include <prov/path.h>
#include <prov/pnp.h>
#include <prov/port.h>
#include <prov/ref.h>
#include <prov/retry.h>
#include <prov/rfc5261.h>
#include <prov/run.h>
#include <prov/schedule.h>
#include <prov/schema.h>
#include <prov/session.h>
#include <prov/sip.h>
#include <prov/trust.h>
#include <prov/uri.h>
#include <prov/xml.h>

#endif /* PROV_PROV_H */
