package dev.workerfarm.redis;

import java.util.HashMap;
import java.util.Map;

/**
 * Which attempt of which task message: within it a call's index tells the items of a map apart.
 *
 * @param id the message's id, a task's or a chunk's
 * @param generation how often it was replayed from the dead letters
 * @param attempt attempts before this one
 */
public record TaskRun(String id, int generation, int attempt) {
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
