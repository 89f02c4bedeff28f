// SPDX-License-Identifier: MIT
#include "bench.h"

#include <pugixml.hpp>

#include <string>
#include <string_view>

// pugixml, as one would write it; comments and processing instructions are kept, as settings need them.
// Built twice: with BENCH_XPATH the paths are XPath, else they are followed by hand, by name and
// attribute.

namespace
{

#ifdef BENCH_XPATH

pugi::xml_node
find(const pugi::xml_document &doc, std::string path)
{
    if (!path.empty() && path.back() == '/')
        path.pop_back();
    return doc.select_node(("/configuration" + path).c_str()).node();
}

#else

// One step, `name` or `name[@attribute='value']`.
pugi::xml_node
follow(pugi::xml_node parent, std::string_view step)
{
    const size_t open = step.find('[');

    if (open == step.npos)
        return parent.child(std::string(step).c_str());
    const size_t equals = step.find('=', open);
    const std::string name(step.substr(0, open));
    const std::string attribute(step.substr(open + 2, equals - open - 2));
    const std::string value(step.substr(equals + 2, step.size() - equals - 4));

    return parent.find_child_by_attribute(name.c_str(), attribute.c_str(), value.c_str());
}

// Where a step ends: at the next slash that is not in quotes.
size_t
step_end(std::string_view path)
{
    char quote = '\0';

    for (size_t i = 0; i < path.size(); i++) {
        if (quote != '\0')
            quote = path[i] == quote ? '\0' : quote;
        else if (path[i] == '\'' || path[i] == '"')
            quote = path[i];
        else if (path[i] == '/')
            return i;
    }
    return path.size();
}

pugi::xml_node
find(const pugi::xml_document &doc, std::string_view path)
{
    pugi::xml_node node = doc.child("configuration");

    while (path.size() > 1) {
        path.remove_prefix(1);
        const size_t end = step_end(path);

        node = follow(node, path.substr(0, end));
        path.remove_prefix(end);
    }
    return node;
}

#endif

pugi::xml_node
first_element(pugi::xml_node parent)
{
    return parent.find_child([](pugi::xml_node n) { return n.type() == pugi::node_element; });
}

bool
apply(const pugi::xml_document &doc, pugi::xml_node operation)
{
    pugi::xml_node target = find(doc, operation.attribute("path").value());
    const std::string_view kind = operation.name();

    if (!target)
        return false;
    if (kind == "delete")
        return target.parent().remove_child(target);
    if (kind == "replace") {
        target.parent().insert_copy_after(first_element(operation), target);
        return target.parent().remove_child(target);
    }
    for (pugi::xml_node body : operation.children())
        target.append_copy(body);
    return true;
}

struct sink : pugi::xml_writer {
    void write(const void *data, size_t size) override
    {
        bench_put(static_cast<const char *>(data), size);
    }
};

} // namespace

bool
bench_job(struct bench_text settings, struct bench_text operations)
{
    const unsigned options =
        pugi::parse_default | pugi::parse_comments | pugi::parse_pi | pugi::parse_declaration;
    pugi::xml_document doc, change;
    sink out;

    if (!doc.load_buffer(settings.ptr, settings.len, options) ||
        !change.load_buffer(operations.ptr, operations.len))
        return false;
    for (pugi::xml_node n : change.document_element().children()) {
        if (!apply(doc, n))
            return false;
    }
    doc.save(out, "  ");
    return true;
}
