/* SPDX-License-Identifier: MIT */
#ifndef PROV_CERTS_H
#define PROV_CERTS_H

/* Certificates for tests, made with `openssl req -x509` and `openssl x509 -req` on keys that were
 * thrown away; they sign nothing. */

#include "support/prov_cmocka.h"

#define CERT_BEGIN "-----BEGIN CERTIFICATE-----\n"
#define CERT_END "-----END CERTIFICATE-----\n"

#define CERT_BODY_1 \
    "MIIBdzCCAR2gAwIBAgIUQkXJN6fS0XBPIfEoOBQGDuuRtxcwCgYIKoZIzj0EAwIw\n" \
    "ETEPMA0GA1UEAwwGcm9vdCAxMB4XDTI2MTEyMTA4NTkwNVoXDTQ2MTExNjA4NTkw\n" \
    "NVowETEPMA0GA1UEAwwGcm9vdCAxMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE\n" \
    "F2CpoW2C0FdrLwU6P/YHp5o3s9T6Qfg4ug0HQWENAVIa0RUMTBuFsPZqUn1+n7+1\n" \
    "Nb1DkXApxdmlTnWqWLvXPKNTMFEwHQYDVR0OBBYEFGpALRLviS8cQirTJnwIsero\n" \
    "GFyFMB8GA1UdIwQYMBaAFGpALRLviS8cQirTJnwIseroGFyFMA8GA1UdEwEB/wQF\n" \
    "MAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIhAIOxoipRxj8fO3VcRXN4zIvLYA/hj0td\n" \
    "M+nYN7M3C8+VAiAdfmCYZ7lsRUpNJnmxNUKSnV0+legGT3iK13EkZVDVWw==\n"
#define CERT_BODY_2 \
    "MIIBeDCCAR2gAwIBAgIUM3Ylv5SiBuyP3UR586ofuKeU3aAwCgYIKoZIzj0EAwIw\n" \
    "ETEPMA0GA1UEAwwGcm9vdCAyMB4XDTI2MTEyMTA4NTkwNVoXDTQ2MTExNjA4NTkw\n" \
    "NVowETEPMA0GA1UEAwwGcm9vdCAyMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE\n" \
    "DSTjwNb5McQ1CwX6g3wbyXDwOY6drg+/6Z0qEurdeFy568QOVGNan6P0kMgQHt+4\n" \
    "lizkQOqXEahR04YcB5psYKNTMFEwHQYDVR0OBBYEFBSdXrmntaBEXuXyRmJyLpv3\n" \
    "IA3+MB8GA1UdIwQYMBaAFBSdXrmntaBEXuXyRmJyLpv3IA3+MA8GA1UdEwEB/wQF\n" \
    "MAMBAf8wCgYIKoZIzj0EAwIDSQAwRgIhAIZW+xpYTQ7TAOF+P79QhSkeHGsC09MS\n" \
    "7LEvwdwZPCthAiEA7/X2307p5aaM+qdlTa53482Y0KAKxfFesWw15XsRwPw=\n"
/* Version 1: without extensions. */
#define CERT_BODY_OLD \
    "MIIBEjCBuQIUO3aQH0eUx/jdaAuxE1fg8D/YHO8wCgYIKoZIzj0EAwIwDDEKMAgG\n" \
    "A1UEAwwBeDAeFw0yNjExMjEwODU5MDVaFw00NjExMTYwODU5MDVaMAwxCjAIBgNV\n" \
    "BAMMAXgwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQXYKmhbYLQV2svBTo/9gen\n" \
    "mjez1PpB+Di6DQdBYQ0BUhrRFQxMG4Ww9mpSfX6fv7U1vUORcCnF2aVOdapYu9c8\n" \
    "MAoGCCqGSM49BAMCA0gAMEUCIGGO6lqltltUHrM/2ZmwL/mYKcZFoMn5CLfR0nY8\n" \
    "R5GuAiEAorX/SSfKfuPpj2zidl9lX6iSanCF/n72sLG1nVjG3E0=\n"
/* A request, which is none. */
#define CERT_BODY_REQUEST \
    "MIHGMG4CAQAwDDEKMAgGA1UEAwwBeDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IA\n" \
    "BBdgqaFtgtBXay8FOj/2B6eaN7PU+kH4OLoNB0FhDQFSGtEVDEwbhbD2alJ9fp+/\n" \
    "tTW9Q5FwKcXZpU51qli71zygADAKBggqhkjOPQQDAgNIADBFAiEA0VfP855silPO\n" \
    "vK2c5mMK4/N77ldwpOTN86JqGesR5T8CIBMRde8r7JWTk4oiX1KNF4Bg9VJ1BtBx\n" \
    "J5eMsP2NEpjJ\n"

#define CERT_1 CERT_BEGIN CERT_BODY_1 CERT_END
#define CERT_2 CERT_BEGIN CERT_BODY_2 CERT_END
#define CERT_OLD CERT_BEGIN CERT_BODY_OLD CERT_END

/* Lines of base64 to bytes; the number of bytes. */
static inline size_t
cert_decode(const char *text, char *out)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint32_t bits = 0;
    unsigned have = 0;
    size_t n = 0;

    for (; *text != '\0' && *text != '='; text++) {
        const char *digit = *text != '\n' ? strchr(digits, *text) : NULL;

        if (digit == NULL)
            continue;
        bits = bits << 6 | (uint32_t)(digit - digits);
        have += 6;
        if (have >= 8) {
            have -= 8;
            out[n++] = (char)(unsigned char)(bits >> have);
        }
    }
    return n;
}

#endif /* PROV_CERTS_H */
