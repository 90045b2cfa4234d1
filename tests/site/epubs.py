"""What is wrong with an EPUB file, as far as Python alone can tell."""

import posixpath
import zipfile
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree

DC = "{http://purl.org/dc/elements/1.1/}"
OPF = "{http://www.idpf.org/2007/opf}"
SPACES = {
    "http://www.w3.org/1999/xhtml",
    "http://www.w3.org/2000/svg",
    "http://www.w3.org/1998/Math/MathML",
}
CHILDREN = {"msub": 2, "msup": 2, "mfrac": 2, "mover": 2, "munder": 2, "msubsup": 3, "munderover": 3}  # of MathML
MOVING = {"script", "button", "input", "select", "form", "iframe", "object", "details"}


def read(path):
    """{name: content} of a zip, in its order."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def faults(files):
    complaints, trees = [], {}
    if next(iter(files)) != "mimetype" or files["mimetype"] != b"application/epub+zip":
        complaints.append("mimetype is not first")
    for name, content in files.items():
        if name.endswith((".xhtml", ".opf", ".xml")):
            try:
                trees[name] = ElementTree.fromstring(content)
            except ElementTree.ParseError as error:
                complaints.append(f"{name}: {error}")
    if "content.opf" not in trees:
        return [*complaints, "no content.opf"]
    complaints += package_faults(trees["content.opf"], files)
    pages = {name: tree for name, tree in trees.items() if name.endswith(".xhtml")}
    anchors = {name: [node.get("id") for node in tree.iter() if node.get("id")] for name, tree in pages.items()}
    for name, tree in pages.items():
        complaints += [f"{name}: {one}" for one in page_faults(name, tree, anchors, files)]
    return complaints


def package_faults(package, files):
    complaints = [
        f"content.opf: no {what}"
        for what in ("identifier", "title", "language", "creator", "rights")
        if not (package.findtext(f"{OPF}metadata/{DC}{what}") or "").strip()
    ]
    items = package.findall(f"{OPF}manifest/{OPF}item")
    listed = {item.get("href") for item in items}
    present = set(files) - {"mimetype", "content.opf", "META-INF/container.xml"}
    complaints += [f"content.opf: {name} is not both listed and there" for name in sorted(listed ^ present)]
    if sum("nav" in item.get("properties", "").split() for item in items) != 1:
        complaints.append("content.opf: no list of contents")
    order = [ref.get("idref") for ref in package.findall(f"{OPF}spine/{OPF}itemref")]
    if sorted(order) != sorted(item.get("id") for item in items if item.get("href").endswith(".xhtml")):
        complaints.append("content.opf: the spine is not all pages")
    return complaints


def page_faults(name, tree, anchors, files):
    here = anchors[name]
    yield from (f"id {one!r} twice" for one in sorted({one for one in here if here.count(one) > 1}))
    for node in tree.iter():
        space, _, tag = node.tag.removeprefix("{").rpartition("}")
        if space not in SPACES:
            yield f"<{tag}> in no known namespace"
        if len(node) != CHILDREN.get(tag, len(node)):
            yield f"<{tag}> with {len(node)} children"
        if tag in MOVING or any(one.startswith("on") for one in node.attrib):
            yield f"<{tag}> does something"
        for attribute, value in node.attrib.items():
            if "var(--" in value:
                yield f"<{tag}> with the variable {value}"
            link = attribute.rpartition("}")[2] in {"href", "src"}
            outside = tag == "a" and urlsplit(value).scheme or value.startswith("data:image/png;base64,")
            if link and not outside:
                parts = urlsplit(value)
                path = posixpath.normpath(posixpath.join(posixpath.dirname(name), unquote(parts.path)))
                path = path if parts.path else name
                if parts.scheme or path not in files:
                    yield f"no {value}"
                elif parts.fragment and unquote(parts.fragment) not in anchors.get(path, ()):
                    yield f"no anchor {value}"
    for number, one in enumerate(one for one in here if one.startswith("answer-")):
        if f"exercise-{number + 1}" not in here or not one:
            yield f"{one} belongs to no exercise"
