/* SPDX-License-Identifier: MIT */
/* made from lib/base/diagnostics.ini by lib/base/diagnostics.py; do not edit */
#ifndef PROV_DIAG_CODE_H
#define PROV_DIAG_CODE_H

/**
 * @file
 * @brief The numbers of all diagnostics. Explained in doc/diagnostics.md.
 *
 * Layer: base (pure).
 */

/* clang-format off */
/** A number keeps its meaning for ever. */
enum prov_diag_code {
    PROV_D_NONE = 0, /**< No diagnostic. */
    PROV_D_BAD_ARGUMENT = 1, /**< an argument is outside its documented range */
    PROV_D_ABI = 3, /**< a struct's size or a required member does not fit this library ({subject}) */
    PROV_D_CALLBACK = 5, /**< the port broke the contract of {subject} */
    PROV_D_NO_ARENA_SPACE = 11, /**< the memory given is too small, {need} bytes would have done here */
    PROV_D_NO_BUFFER_SPACE = 13, /**< the result does not fit, it has {need} bytes */
    PROV_D_NO_HEAP = 17, /**< the XML parser could not get memory */
    PROV_D_URL_SCHEME_MISSING = 201, /**< the address has no scheme */
    PROV_D_URL_EMPTY = 202, /**< the address is empty */
    PROV_D_URL_SCHEME_SLASHES = 203, /**< '://' is expected behind the scheme */
    PROV_D_URL_SCHEME_UNKNOWN = 204, /**< unknown scheme '{subject}' */
    PROV_D_URL_HOST_MISSING = 205, /**< the address has no host */
    PROV_D_URL_HOST = 206, /**< a byte that a host name cannot hold */
    PROV_D_URL_IPV6 = 207, /**< the IPv6 address in brackets is malformed */
    PROV_D_URL_BAD_BYTE = 208, /**< a byte that an address cannot hold */
    PROV_D_URL_FRAGMENT = 209, /**< the address holds a '#' */
    PROV_D_URL_PORT = 210, /**< the port is not a number from 1 to 65535 */
    PROV_D_URL_TOO_LONG = 212, /**< the address is too long, the limit is {need} bytes */
    PROV_D_URL_IPV4 = 213, /**< the host looks like an IPv4 address but is none */
    PROV_D_URL_ESCAPED_CONTROL = 214, /**< the address holds an escaped control character ('{subject}') */
    PROV_D_URL_USERINFO = 216, /**< the user part of the address is malformed */
    PROV_D_URL_SECOND_AT = 217, /**< a second '@' before the path */
    PROV_D_URL_USER_CONTROL = 218, /**< the user part of the address holds an escaped control character */
    PROV_D_MACRO_BAD_VALUE = 221, /**< the value of marker '{subject}' holds a byte that an address cannot hold */
    PROV_D_IDENTITY = 223, /**< the device's {subject} is missing or malformed */
    PROV_D_XML_EMPTY = 301, /**< the file is empty: there is no element in it */
    PROV_D_XML_HTML = 303, /**< this is an HTML page, not a configuration */
    PROV_D_XML_NOT_XML = 305, /**< this is not XML: the first character is not < */
    PROV_D_XML_UTF16 = 307, /**< the file is in UTF-16 */
    PROV_D_XML_NOT_UTF8 = 309, /**< a byte that is not UTF-8 */
    PROV_D_XML_ENCODING_OTHER = 311, /**< the declared encoding '{subject}' is not used, the file is read as UTF-8 */
    PROV_D_XML_ENCODING_NAME = 312, /**< '{subject}' is not a name of an encoding, the file is read as UTF-8 */
    PROV_D_XML_DOCTYPE = 314, /**< a DOCTYPE is not allowed */
    PROV_D_XML_DECLARATION = 316, /**< the XML declaration in the first line is malformed */
    PROV_D_XML_DECLARATION_PLACE = 318, /**< an XML declaration that is not at the very start of the file */
    PROV_D_XML_CUT_OFF = 321, /**< the file ends before the element '{subject}' is closed */
    PROV_D_XML_CUT_OFF_MARKUP = 323, /**< the file ends inside the tag, comment or section that begins here */
    PROV_D_XML_TAG_MISMATCH = 325, /**< this end tag does not close the element '{subject}' */
    PROV_D_XML_AFTER_ROOT = 327, /**< something follows the end of the root element */
    PROV_D_XML_DUPLICATE_ATTRIBUTE = 329, /**< the attribute '{subject}' stands twice in one tag */
    PROV_D_XML_ENTITY_UNDEFINED = 331, /**< the entity '{subject}' is not defined */
    PROV_D_XML_CHAR_REFERENCE = 333, /**< a character reference to a character that XML does not allow */
    PROV_D_XML_AMPERSAND = 335, /**< an & that does not begin an entity */
    PROV_D_XML_LESS_THAN = 337, /**< a < where no tag may begin */
    PROV_D_XML_NOT_WELL_FORMED = 339, /**< not well-formed XML */
    PROV_D_XML_TOO_DEEP = 351, /**< the element '{subject}' is nested too deeply, the limit is {need} */
    PROV_D_XML_ATTRIBUTES = 353, /**< the element '{subject}' has too many attributes, the limit is {need} */
    PROV_D_XML_NODES = 355, /**< the file has too many elements, the limit is {need} */
    PROV_D_XML_POOL_NODES = 357, /**< all files together have too many elements, the limit is {need} */
    PROV_D_XML_SOURCES = 359, /**< too many files in one run, the limit is {need} */
    PROV_D_CHECK_FAILED = 401, /**< the check of section '{subject}' failed */
    PROV_D_SETTINGS_ROOT = 404, /**< the root element '{subject}' is not that of a settings file of this phone family */
    PROV_D_DOCUMENT_UNKNOWN = 406, /**< unknown kind of document, its root element is '{subject}' */
    PROV_D_DOCUMENT_REFUSED = 408, /**< this kind of document, with the root element '{subject}', is not accepted here */
    PROV_D_REFERENCE_BY_HAND = 410, /**< a reference file cannot be applied by hand */
    PROV_D_BARE_SECTION = 412, /**< the section '{subject}' is the root element of the document; it is applied as a patch of that section */
    PROV_D_PATCH_VALUE = 415, /**< the value of attribute '{subject}' is neither true nor false */
    PROV_D_LIST_KEY_MISSING = 418, /**< a list member has no attribute '{subject}', which tells the members apart */
    PROV_D_LIST_KEY_TWICE = 420, /**< a second list member has the same '{subject}' as one before it */
    PROV_D_LIST_TOO_LONG = 422, /**< the list has more than {need} members */
    PROV_D_SECTION_DEPTH = 424, /**< the changed section would be nested deeper than {need} elements */
    PROV_D_SECTION_ATTRIBUTES = 426, /**< an element of the changed section would have more than {need} attributes */
    PROV_D_SECTION_ELEMENTS = 428, /**< the changed settings would have more than {need} elements */
    PROV_D_OPERATION_UNKNOWN = 430, /**< unknown operation '{subject}' */
    PROV_D_OPERATION_NO_PATH = 432, /**< the operation '{subject}' has no attribute path */
    PROV_D_DELETE_BODY = 434, /**< a delete operation has a body */
    PROV_D_REPLACE_BODY = 436, /**< a replace operation needs exactly one element as its body */
    PROV_D_ADD_BODY = 438, /**< an add operation needs at least one element as its body */
    PROV_D_OPERATION_TEXT = 440, /**< an operation has text outside the elements of its body */
    PROV_D_SECTION_RENAMED = 442, /**< a section can only be replaced by one of its own name, not by '{subject}' */
    PROV_D_PATH_NO_MATCH = 445, /**< the path addresses no element of the settings */
    PROV_D_PATH_AMBIGUOUS = 447, /**< the path addresses more than one element */
    PROV_D_PATH_EMPTY = 451, /**< the path names no section */
    PROV_D_PATH_RELATIVE = 453, /**< the path does not start with '/' */
    PROV_D_PATH_DOUBLE_SLASH = 455, /**< '//' is not allowed in a path */
    PROV_D_PATH_ATTRIBUTE = 457, /**< a path cannot address an attribute */
    PROV_D_PATH_DOTS = 459, /**< a path cannot have '.' or '..' as a step */
    PROV_D_PATH_AXIS = 461, /**< a path cannot have an axis ('::') */
    PROV_D_PATH_FUNCTION = 463, /**< a path cannot have a function ('(') */
    PROV_D_PATH_FIRST_STEP = 465, /**< the first step of a path cannot be '*' */
    PROV_D_PATH_NAME = 467, /**< an element's name was expected here */
    PROV_D_PATH_BAD_BYTE = 469, /**< a byte that cannot stand here in a path */
    PROV_D_PATH_PREDICATE = 471, /**< malformed predicate */
    PROV_D_PATH_PREDICATE_OPEN = 473, /**< the predicate that begins here has no end */
    PROV_D_PATH_QUOTE_OPEN = 475, /**< the quoted text that begins here has no end */
    PROV_D_PATH_POSITION = 477, /**< a position in a path is 0 or too large */
    PROV_D_PATH_TOO_LONG = 479, /**< the path has more than {need} steps or predicates */
    PROV_D_REF_URL_EMPTY = 501, /**< a URL element of the reference file is empty */
    PROV_D_REF_SCHEME = 504, /**< a URL of the reference file has an unknown scheme */
    PROV_D_REF_ESCAPED_CONTROL = 506, /**< a URL of the reference file holds an escaped control character */
    PROV_D_REF_CYCLE = 511, /**< the reference file leads back to itself or to a file that led to it */
    PROV_D_REF_TOO_MANY = 514, /**< reference files name more files than the limit of {need} */
    PROV_D_REF_TOO_DEEP = 516, /**< reference files are nested deeper than the limit of {need} */
    PROV_D_REF_NOT_URL = 521, /**< the element '{subject}' is no URL element and is ignored */
    PROV_D_NET_FAILED = 601, /**< the transfer failed ({subject}) */
    PROV_D_NET_TIMEOUT = 603, /**< the server did not answer in time ({subject}) */
    PROV_D_NET_NOT_FOUND = 605, /**< the server has no such file */
    PROV_D_NET_REFUSED = 607, /**< TLS or the login was refused ({subject}) */
    PROV_D_NET_STOPPED = 609, /**< the port stopped the transfer before it ended */
    PROV_D_NET_NO_MEMORY = 611, /**< the port had no memory for the transfer */
    PROV_D_NET_FILE_TOO_LARGE = 613, /**< the file has more than {need} bytes */
    PROV_D_NET_TREE_TOO_LARGE = 615, /**< all files together have more than {need} bytes */
    PROV_D_HTTP_NOT_FOUND = 621, /**< the server has no such file (HTTP {need}) */
    PROV_D_HTTP_REFUSED = 623, /**< the server refuses access (HTTP {need}) */
    PROV_D_HTTP_SERVER = 625, /**< the server cannot answer at present (HTTP {need}) */
    PROV_D_HTTP_STATUS = 627, /**< the server answered with a status that gives no file (HTTP {need}) */
    PROV_D_HTTP_STATUS_MISSING = 629, /**< the port did not report the HTTP status */
    PROV_D_REDIRECT_TOO_MANY = 641, /**< more than {need} redirects one after the other */
    PROV_D_REDIRECT_NO_LOCATION = 643, /**< a redirect without a Location (HTTP {need}) */
    PROV_D_REDIRECT_MALFORMED = 645, /**< the Location of a redirect is not an address */
    PROV_D_REDIRECT_SCHEME = 647, /**< a redirect to a scheme that is not http, https, ftp or tftp */
    PROV_D_REDIRECT_DOWNGRADE = 649, /**< a redirect from https to an address without TLS */
    PROV_D_REDIRECT_TOO_LONG = 651, /**< the address of a redirect is too long, the limit is {need} bytes */
    PROV_D_NO_ADDRESS = 661, /**< no source gave an address to fetch from */
    PROV_D_RESULT_TOO_LARGE = 671, /**< the new settings have more than {need} bytes */
    PROV_D_STORE_LOAD = 701, /**< the stored {subject} cannot be read */
    PROV_D_STORE_WRITE = 703, /**< the store could not take the new settings; the old ones stay in force */
    PROV_D_STORE_TOO_LARGE = 705, /**< the stored settings have more than {need} bytes */
    PROV_D_STORE_SETTINGS = 707, /**< the stored settings cannot be used */
    PROV_D_STORE_STATE = 709, /**< the library's own record in the store is malformed and counts as none */
    PROV_D_TOOL_FILE_READ = 801, /**< the file cannot be read: {subject} */
    PROV_D_TOOL_FILE_WRITE = 803, /**< the file cannot be written: {subject} */
    PROV_D_TOOL_FILE_TOO_LARGE = 805, /**< the file is larger than the limit of {need} bytes */
    PROV_D_TOOL_OUTPUT = 807, /**< the result cannot be printed: {subject} */
    PROV_D_TOOL_MORE_FINDINGS = 809, /**< {need} further findings are not shown */
    PROV_D_TOOL_NOT_REFERENCE = 813, /**< this is not a reference file, its kind is {subject} */
    PROV_D_TOOL_MEMORY = 823, /**< the work needs more memory than the tool may take */
    PROV_D_TOOL_STATE_FOLDER = 831, /**< the state folder cannot be used: {subject} */
    PROV_D_TOOL_STATE_BUSY = 833, /**< another process uses the state folder */
    PROV_D_TOOL_RANDOM = 837, /**< the system gives no random bytes */
    PROV_D_TOOL_NETWORK = 839, /**< the network library cannot be set up */
    PROV_D_TOOL_INTERRUPTED = 841, /**< stopped by a signal before the end */
    PROV_D_TOOL_SERVE_FOLDER = 851, /**< the folder cannot be served: {subject} */
    PROV_D_TOOL_LISTEN = 853, /**< cannot listen on this address and port: {subject} */
    PROV_D_TOOL_SERVER = 855, /**< the server cannot be started */
};
/* clang-format on */

#endif /* PROV_DIAG_CODE_H */
