package dev.workerfarm.redis;

import dev.workerfarm.shared.Typecode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a shared value and a shared array in Redis have in common: a name, a key, and scripts that may refuse. */
abstract class SharedNumbers {
    final RedisConnection redis;
    final String key;
    final String subject;
    final @Nullable Typecode only; // the type that the numbers must have to be changed, or null: either
    private final String name;

    SharedNumbers(RedisConnection redis, SharedKeys keys, String key, String name, @Nullable Typecode only) {
        this.redis = redis;
        this.key = key;
        this.subject = keys.subject(key);
        this.only = only;
        this.name = name;
    }

    public String name() {
        return name;
    }

    /** The answer of a script that did its work. Throws SharedStateException if it refused. */
    final List<?> run(
            Script script, @Nullable String place, @Nullable Number number, List<String> keys, List<String> arguments) {
        var answer = redis.run(subject, script, keys, arguments);
        if (!answer.get(0).equals("ok")) {
            throw Refusal.of(subject, answer, place, number, only);
        }
        return answer;
    }
}
