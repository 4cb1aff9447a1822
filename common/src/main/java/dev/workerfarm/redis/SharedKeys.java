package dev.workerfarm.redis;

import java.nio.charset.StandardCharsets;

/** The Redis keys of one namespace, their hash tag: they share one slot of a Redis Cluster, as scripts need. */
public final class SharedKeys {
    private static final int MAX_NAME_LENGTH = 200;

    private final String tag;

    /** @throws IllegalArgumentException if the namespace is no name, or has a brace, which would end the hash tag */
    SharedKeys(String namespace) {
        checkName("a namespace", namespace);
        if (namespace.indexOf('{') >= 0 || namespace.indexOf('}') >= 0) {
            throw new IllegalArgumentException("a namespace has no braces, not '" + namespace + "'");
        }
        this.tag = "{" + namespace + "}:";
    }

    public String value(String name) {
        return tag + "value:" + checkName("a shared value's name", name);
    }

    public String array(String name) {
        return tag + "array:" + checkName("a shared array's name", name);
    }

    String lock(String name) {
        return tag + "lock:" + checkName("a lock's name", name);
    }

    /** The fencing token given last, by any lock. Never removed: tokens must grow for ever. */
    String lockTokens() {
        return tag + "lock-tokens";
    }

    /** The outcomes of a task, or of a map's items, by generation, attempt and index; any id will do. */
    public String task(String id) {
        return tag + "task:" + id;
    }

    /** That a task was settled, kept for longer than its outcomes; no other id's {@link #task}, whatever that id is. */
    public String taskSettled(String id) {
        return tag + "settled:" + id;
    }

    /** Up to which item a chunk's message runs, where it was cut, by generation and attempt. */
    public String taskCut(String id) {
        return tag + "cut:" + id;
    }

    /** The parts of a chunk that are settled, by generation, attempt and places. */
    public String taskParts(String id) {
        return tag + "parts:" + id;
    }

    /** The outcome of a task whose message asked for it to be stored; any id will do. */
    String result(String id) {
        return tag + "result:" + id;
    }

    /** The ids of revoked tasks and maps, by the moment from which nobody needs to know any more. */
    String revoked() {
        return tag + "revoked";
    }

    /** Which processes died while they ran a task, or a map's items; any id will do. */
    String taskCrashes(String id) {
        return tag + "crashes:" + id;
    }

    /** What texts call the value or array of a key. */
    public String subject(String key) {
        var kindAndName = key.substring(tag.length());
        var colon = kindAndName.indexOf(':');
        return kindAndName.substring(0, colon) + " '" + kindAndName.substring(colon + 1) + "'";
    }

    /** Refuses a name that is not 1 to 200 characters, or has control characters or half a surrogate pair. */
    private static String checkName(String what, String name) {
        if (name.isEmpty() || name.length() > MAX_NAME_LENGTH) {
            throw new IllegalArgumentException(
                    what + " is 1 to " + MAX_NAME_LENGTH + " characters, not " + name.length());
        }
        if (name.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException(what + " has no control characters");
        }
        // Else it would be sent as '?' and meet another name.
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(name)) {
            throw new IllegalArgumentException(what + " has no half of a surrogate pair");
        }
        return name;
    }
}
