package dev.workerfarm.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.workerfarm.config.RedisAddress;
import dev.workerfarm.config.TlsSettings;
import dev.workerfarm.error.RedisUnreachableException;
import dev.workerfarm.redis.RedisSharedState;
import dev.workerfarm.redis.TaskRun;
import dev.workerfarm.redis.ledger.Journal;
import dev.workerfarm.redis.ledger.Ledger.Entry;
import dev.workerfarm.redis.ledger.TaskLedger;
import dev.workerfarm.shared.SharedLock;
import dev.workerfarm.shared.SharedState;
import dev.workerfarm.shared.Typecode;
import dev.workerfarm.testkit.Services;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import redis.clients.jedis.Jedis;

/** What Redis refuses for a reason of its own changes nothing at all, and counts as Redis away: it may be tried again. */
class RedisRefusalContractIT {
    private static final Path SCRIPTS = Path.of("../common/src/main/resources/dev/workerfarm/redis");
    private static final RedisAddress ADDRESS =
            RedisAddress.parse(Services.shared().redisUrl());
    private static final String NAMESPACE =
            "RedisRefusal-" + ProcessHandle.current().pid();
    private static final Set<String> READS = Set.of(
            "value get",
            "array get",
            "array slice",
            "array toList",
            "array length",
            "find",
            "end of a cut",
            "charges find",
            "revoked all");
    /** What frees memory, and a lease that must not end by the lack of it. */
    private static final Set<String> AT_MAXMEMORY =
            Set.of("value delete", "array delete", "lock extend", "lock release", "charges remove");

    private final Jedis admin = new Jedis(Services.shared().redisUrl());
    private final RedisSharedState state = RedisSharedState.open(
            new RedisAddress(
                    ADDRESS.host(),
                    ADDRESS.port(),
                    ADDRESS.tls(),
                    NAMESPACE,
                    "password",
                    ADDRESS.database(),
                    TlsSettings.DEFAULT),
            NAMESPACE);
    private final TaskLedger ledger = new TaskLedger(state);
    private final Map<String, Consumer<SharedLock.Held>> operations = operations();

    @BeforeEach
    void makeUser() {
        admin.aclSetUser(NAMESPACE, "reset", "on", ">password", "~{" + NAMESPACE + "}:*", "+@all");
    }

    @AfterEach
    void close() {
        keys().forEach(admin::del);
        admin.aclDelUser(NAMESPACE);
        admin.close();
        state.close();
    }

    private Map<String, Consumer<SharedLock.Held>> operations() {
        Map<String, Consumer<SharedLock.Held>> all = new LinkedHashMap<>();
        all.put("value get", held -> state.value("v").get());
        all.put("value make", held -> state.value("v").make(Typecode.D, 7));
        all.put("value set", held -> state.value("v").set(7));
        all.put("value add", held -> state.value("v").add(7));
        all.put("value add to a double", held -> state.value("d").add(0.5));
        all.put("value compareAndSet", held -> state.value("v").compareAndSet(1, 7));
        all.put("value delete", held -> state.value("v").delete());
        all.put("array fill", held -> state.array("a").fill(2_500, 7));
        all.put("array make", held -> state.array("a").make(List.of(7, 8)));
        all.put("array get", held -> state.array("a").get(1));
        all.put("array set", held -> state.array("a").set(1, List.of(7, 8)));
        all.put("array add", held -> state.array("a").add(1, Long.MAX_VALUE - 10));
        all.put("array addToAll", held -> state.array("a").addToAll(7));
        all.put("array slice", held -> state.array("a").slice(0, 2));
        all.put("array toList", held -> state.array("a").toList());
        all.put("array length", held -> state.array("a").length());
        all.put("array delete", held -> state.array("a").delete());
        all.put("lock acquire", held -> state.lock("other").tryAcquire(Duration.ofHours(1)));
        all.put("lock extend", held -> held.extend(Duration.ofHours(2)));
        all.put("lock release", SharedLock.Held::close);
        all.put("find", held -> ledger.find(run("new")));
        all.put("commit of nothing", held -> commit(shared -> {}));
        all.put(
                "commit of a value's add",
                held -> commit(shared -> shared.value("v").add(7)));
        all.put(
                "commit of a value's delete",
                held -> commit(shared -> {
                    shared.value("d").add(1);
                    shared.value("v").delete();
                }));
        all.put(
                "commit of an element's add",
                held -> commit(shared -> {
                    shared.value("d").add(1);
                    shared.array("a").add(1, 7);
                }));
        all.put(
                "commit of an array's make",
                held -> commit(shared -> {
                    shared.value("v").add(1);
                    shared.array("a").toList();
                    shared.array("a").make(List.of(7, 8, 9));
                }));
        all.put("replaced", held -> ledger.replace(run("old"), 0, "outcome", "another"));
        all.put("cut", held -> ledger.cut(run("new"), 8, false));
        all.put("cut again", held -> ledger.cut(run("old"), 8, true));
        all.put("end of a cut", held -> ledger.end(run("old"), 32));
        all.put("settled", held -> ledger.settled(List.of(run("old"), run("new"))));
        all.put("settled part", held -> ledger.settledPart(part(0, 2), 0, 2, 4));
        all.put("settled last part", held -> ledger.settledPart(part(0, 3), 0, 3, 4));
        all.put("charges note", held -> state.charges().note(run("old"), "process", "text"));
        all.put("charges find", held -> state.charges().find(run("old")));
        all.put("charges remove", held -> state.charges().remove(run("old"), "before"));
        all.put("revoked add", held -> state.revoked().add(List.of("a", "b")));
        all.put("revoked all", held -> state.revoked().all());
        all.put("results store", held -> state.results().store(Map.of("old", "outcome")));
        return all;
    }

    private static TaskRun run(String id) {
        return new TaskRun(id, 0, 0);
    }

    private static TaskRun part(int from, int to) {
        return new TaskRun("old/" + from + "-" + to, 0, 0, "old");
    }

    private void commit(Consumer<SharedState> effects) {
        var journal = ledger.journal(new Journal.Reader() {
            @Override
            public <T> T read(Supplier<T> question) {
                return question.get();
            }
        });
        effects.accept(journal);
        ledger.commit(run("new"), List.of(new Entry(0, "outcome")), journal);
    }

    /** Every key anew, with all rights. */
    private SharedLock.Held prepare() {
        keys().forEach(admin::del);
        state.value("v").set(1);
        state.value("d").make(Typecode.D, 1);
        state.array("a").make(List.of(1, 2, 3));
        ledger.commit(run("old"), List.of(new Entry(0, "outcome")), ledger.journal(new Journal.Reader() {
            @Override
            public <T> T read(Supplier<T> question) {
                return question.get();
            }
        }));
        ledger.cut(run("old"), 16, false);
        ledger.settledPart(part(3, 4), 3, 4, 4);
        state.charges().note(run("old"), "before", "text");
        state.revoked().add(List.of("before"));
        return state.lock("held").tryAcquire(Duration.ofHours(1)).orElseThrow();
    }

    /** Everything of the namespace, as bytes. */
    private Map<String, String> everything() {
        Map<String, String> all = new TreeMap<>();
        keys().forEach(key -> all.put(key, HexFormat.of().formatHex(admin.dump(key))));
        return all;
    }

    private Set<String> keys() {
        return admin.keys("{" + NAMESPACE + "}:*");
    }

    /** Runs an operation: null if it is done, or what Redis refused it for, and then nothing is changed. */
    private @Nullable Throwable refusal(String name, SharedLock.Held held) {
        var before = everything();
        var thrown = catchThrowable(
                () -> Objects.requireNonNull(operations.get(name)).accept(held));
        if (thrown != null) {
            assertThat(thrown).as(name).isInstanceOf(RedisUnreachableException.class);
            assertThat(everything()).as("after a refused " + name).isEqualTo(before);
        }
        return thrown;
    }

    static Stream<String> commandsOfTheScripts() throws IOException {
        var call = Pattern.compile("redis\\.p?call\\('(\\w+)'");
        Set<String> commands = new TreeSet<>(List.of("EVALSHA"));
        for (var script : scripts()) {
            call.matcher(Files.readString(script)).results().forEach(found -> commands.add(found.group(1)));
        }
        assertThat(commands).contains("SET", "HSET", "EXPIRE", "LSET", "ZADD");
        return commands.stream();
    }

    private static List<Path> scripts() throws IOException {
        try (var files = Files.list(SCRIPTS)) {
            return files.filter(file -> file.toString().endsWith(".lua")).toList();
        }
    }

    @ParameterizedTest
    @MethodSource("commandsOfTheScripts")
    void withoutOneCommandAnOperationIsDoneWholeOrNothingOfIt(String command) {
        List<String> refused = new ArrayList<>();
        for (var name : operations.keySet()) {
            var held = prepare();
            admin.aclSetUser(NAMESPACE, "-" + command.toLowerCase(Locale.ROOT));
            var refusal = refusal(name, held);
            if (refusal != null) {
                assertThat(refusal).as(name).hasMessageContaining("NOPERM");
                assertThat(String.valueOf(refusal.getMessage()).toUpperCase(Locale.ROOT))
                        .as(name)
                        .contains(command);
                refused.add(name);
            }
            admin.aclSetUser(NAMESPACE, "+@all");
        }
        assertThat(refused).as("needs " + command).isNotEmpty();
    }

    @ParameterizedTest
    @CsvSource({"commit of an array's make, value array task settled", "settled last part, parts task settled"})
    void withoutTheRightToOneKindOfKeyACommitIsRefusedAsAWhole(String name, String needed) {
        var kinds = List.of(needed.split(" ", -1));
        for (var kind : kinds) {
            var held = prepare();
            admin.aclSetUser(NAMESPACE, "resetkeys");
            kinds.stream()
                    .filter(other -> !other.equals(kind))
                    .forEach(other -> admin.aclSetUser(NAMESPACE, "~{" + NAMESPACE + "}:" + other + ":*"));
            // A commit's journal reads the array first.
            assertThat(refusal(name, held)).as(kind).hasMessageContaining("NOPERM");
            admin.aclSetUser(NAMESPACE, "~{" + NAMESPACE + "}:*");
        }
    }

    @ParameterizedTest
    @CsvSource({"maxmemory, 1, 0, OOM", "min-replicas-to-write, 1, 0, NOREPLICAS"})
    void aRedisThatTakesNoWritesChangesNothingAndAnswersReads(
            String setting, String troubled, String usual, String word) {
        for (var name : operations.keySet()) {
            var held = prepare();
            admin.configSet(setting, troubled);
            try {
                var refusal = refusal(name, held);
                if (READS.contains(name) || (word.equals("OOM") && AT_MAXMEMORY.contains(name))) {
                    assertThat(refusal).as(name).isNull();
                } else {
                    assertThat(refusal).as(name).hasMessageContaining(word);
                }
            } finally {
                admin.configSet(setting, usual);
            }
        }
    }

    @Test
    void everyScriptIsOneThatRedisChecksBeforeItBegins() throws IOException {
        for (var script : scripts()) {
            if (!script.endsWith("numbers.lua")) {
                assertThat(Files.readString(script)).as(script.toString()).startsWith("#!lua");
            }
        }
    }
}
