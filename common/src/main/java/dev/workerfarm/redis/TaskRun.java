package dev.workerfarm.redis;

import java.util.HashMap;
import java.util.Map;

/**
 * Which attempt of which message, a task's or a chunk's; {@code generation} counts replays from the dead letters.
 *
 * @param root the id under which its outcomes are kept: for a part of a chunk that of the chunk, else its own
 */
public record TaskRun(String id, int generation, int attempt, String root) {
    public TaskRun(String id, int generation, int attempt) {
        this(id, generation, attempt, id);
    }

    /** The attempt after this one. */
    public TaskRun next() {
        return new TaskRun(id, generation, attempt + 1, root);
    }

    /** What the fields of its hashes begin with. */
    public String prefix() {
        return generation + "." + attempt + ".";
    }

    /** The fields of a hash that are about it, without the prefix. */
    public Map<String, String> own(Map<String, String> hash) {
        Map<String, String> own = new HashMap<>();
        hash.forEach((field, text) -> {
            if (field.startsWith(prefix())) {
                own.put(field.substring(prefix().length()), text);
            }
        });
        return own;
    }
}
