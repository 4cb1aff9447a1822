package dev.workerfarm.redis.ledger;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The keys and arguments of a {@code commit.lua}, as they are written: see there. Belongs to one thread. */
final class CommitArguments {
    private final Map<String, Integer> keys = new LinkedHashMap<>();
    private final List<String> arguments = new ArrayList<>();

    /** @param first keys that come before those of values and arrays */
    CommitArguments(List<String> first) {
        first.forEach(this::key);
    }

    /** A step of the script about a key. */
    void add(String code, String key, String... rest) {
        plain(code, Integer.toString(key(key)));
        plain(rest);
    }

    /** A step about a key with a list of texts. */
    void add(String code, String key, List<String> texts) {
        add(code, key, Integer.toString(texts.size()));
        arguments.addAll(texts);
    }

    void plain(String... more) {
        arguments.addAll(List.of(more));
    }

    List<String> keys() {
        return new ArrayList<>(keys.keySet());
    }

    List<String> arguments() {
        return arguments;
    }

    private int key(String key) {
        return keys.computeIfAbsent(key, first -> keys.size() + 1);
    }
}
