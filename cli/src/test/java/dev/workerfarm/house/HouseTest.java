package dev.workerfarm.house;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.sun.source.tree.MethodTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreeScanner;
import com.sun.source.util.Trees;
import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The modules and the rooms of the worker: who may use whom, and that nothing goes in a circle. */
class HouseTest {
    private static final String ROOT = "dev.workerfarm.";
    private static final String WORKER = ROOT + "worker";
    private static final int MOST_FILES = 15;
    /** May have more files: all that a caller can catch, under names that cannot change. */
    private static final String EXCEPTIONS = "dev/workerfarm/error";

    private static final int MOST_PARAMETERS = 8;
    private static final int MOST_LINES = 60;

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.workerfarm");

    /** The packages of each module, below {@code dev.workerfarm}. */
    private static final Map<String, List<String>> MODULES = new LinkedHashMap<>();

    /** The modules that each module may use. */
    private static final Map<String, List<String>> MODULES_USE = Map.of(
            "api", List.of(),
            "common", List.of("api"),
            "producer", List.of("api", "common"),
            "worker", List.of("api", "common"),
            "local", List.of("api", "common", "producer", "worker"),
            "lab", List.of("api", "common", "producer", "worker", "local"),
            "cli", List.of("api", "common", "producer", "worker", "local", "lab"));

    /** The rooms of the worker, and the rooms that each may use. All may use process and metrics. */
    private static final Map<String, List<String>> ROOMS = new LinkedHashMap<>();

    static {
        MODULES.put("api", List.of("task", "shared", "error"));
        MODULES.put("common", List.of("wire", "json", "broker", "redis", "config", "loop"));
        MODULES.put("producer", List.of("pool", "admin", "dead", "status"));
        MODULES.put("worker", List.of("worker"));
        MODULES.put("local", List.of("local"));
        MODULES.put("lab", List.of("lab"));
        MODULES.put("cli", List.of("cli"));

        ROOMS.put(
                "lane",
                List.of(
                        "control",
                        "executor",
                        "answer",
                        "run",
                        "commit",
                        "crash",
                        "delivery",
                        "link",
                        "config",
                        "download",
                        "jars",
                        "task"));
        ROOMS.put("control", List.of("executor", "answer", "run", "commit", "delivery", "config", "download"));
        ROOMS.put("executor", List.of("answer", "run", "crash", "delivery", "link", "config"));
        ROOMS.put("answer", List.of("run", "delivery", "commit"));
        ROOMS.put("run", List.of("config", "crash", "commit", "jars"));
        ROOMS.put("commit", List.of("config"));
        ROOMS.put("crash", List.of("config", "link", "delivery"));
        ROOMS.put("delivery", List.of("config"));
        ROOMS.put("parent", List.of("config", "link"));
        ROOMS.put("link", List.of());
        ROOMS.put("config", List.of("download", "jars"));
        ROOMS.put("download", List.of());
        ROOMS.put("jars", List.of());
        ROOMS.put("task", List.of());
        ROOMS.put("process", List.of());
        ROOMS.put("metrics", List.of());
    }

    static Stream<Arguments> modules() {
        return MODULES.keySet().stream().map(Arguments::arguments);
    }

    @ParameterizedTest
    @MethodSource("modules")
    void aModuleUsesOnlyTheModulesBelowIt(String module) {
        var allowed = new ArrayList<>(packages(module));
        requireNonNull(MODULES_USE.get(module)).forEach(below -> allowed.addAll(packages(below)));
        classes()
                .that()
                .resideInAnyPackage(packages(module).toArray(String[]::new))
                .should()
                .onlyDependOnClassesThat(ours().negate().or(in(allowed)))
                .check(CLASSES);
    }

    static Stream<Arguments> rooms() {
        return ROOMS.entrySet().stream().map(room -> arguments(room.getKey(), room.getValue()));
    }

    @ParameterizedTest
    @MethodSource("rooms")
    void aRoomOfTheWorkerUsesOnlyTheRoomsBelowIt(String room, List<String> below) {
        List<String> allowed = new ArrayList<>();
        Stream.concat(Stream.of(room, "process", "metrics"), below.stream())
                .forEach(each -> allowed.add(WORKER + "." + each + ".."));
        classes()
                .that()
                .resideInAPackage(WORKER + "." + room + "..")
                .should()
                .onlyDependOnClassesThat(inWorker().negate().or(in(allowed)))
                .check(CLASSES);
    }

    @Test
    void eachPackageOfTheWorkerIsARoomOrItsDoor() {
        var rooms =
                ROOMS.keySet().stream().map(room -> WORKER + "." + room + "..").toList();
        classes()
                .that(inWorker())
                .should()
                .resideInAnyPackage(concat(WORKER, rooms))
                .check(CLASSES);
    }

    @Test
    void otherModulesUseTheDoorOfTheWorkerOnly() {
        noClasses()
                .that()
                .resideOutsideOfPackage(WORKER + "..")
                .should()
                .dependOnClassesThat(inWorker().and(in(List.of(WORKER)).negate()))
                .check(CLASSES);
    }

    @Test
    void noPackageUsesItselfThroughOthers() {
        slices().matching("dev.workerfarm.(**)").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void noConstructorHasMoreThanEightParameters() {
        var wide = CLASSES.stream()
                .filter(type -> !type.isRecord() && !type.isAnonymousClass())
                .flatMap(type -> type.getConstructors().stream())
                .filter(constructor -> constructor.getRawParameterTypes().size() > MOST_PARAMETERS)
                .map(constructor -> constructor.getFullName())
                .toList();
        assertThat(wide).isEmpty();
    }

    @Test
    void noMethodHasMoreThanSixtyLines() throws IOException {
        List<Path> sources = new ArrayList<>();
        for (var module : MODULES.keySet()) {
            try (var tree = Files.walk(Path.of("..", module, "src", "main", "java"))) {
                tree.filter(path -> path.toString().endsWith(".java")).forEach(sources::add);
            }
        }
        List<String> tooLong = new ArrayList<>();
        var compiler = ToolProvider.getSystemJavaCompiler();
        try (var files = compiler.getStandardFileManager(null, null, StandardCharsets.UTF_8)) {
            var units = files.getJavaFileObjectsFromPaths(sources);
            var task = (JavacTask) compiler.getTask(null, files, null, List.of("-proc:none"), null, units);
            var positions = Trees.instance(task).getSourcePositions();
            for (var unit : task.parse()) {
                new TreeScanner<Void, Void>() {
                    @Override
                    public @Nullable Void visitMethod(MethodTree method, @Nullable Void nothing) {
                        var lines = unit.getLineMap();
                        var first = lines.getLineNumber(positions.getStartPosition(unit, method));
                        var last = lines.getLineNumber(positions.getEndPosition(unit, method));
                        if (last - first >= MOST_LINES) {
                            tooLong.add(unit.getSourceFile().getName() + " " + method.getName());
                        }
                        return super.visitMethod(method, null);
                    }
                }.scan(unit, null);
            }
        }
        assertThat(sources).isNotEmpty();
        assertThat(tooLong).isEmpty();
    }

    @Test
    void aPackageHasFewFilesAndStandsInOneModule() throws IOException {
        Map<String, Integer> files = new TreeMap<>();
        Map<String, String> modules = new TreeMap<>();
        List<String> twice = new ArrayList<>();
        for (var module : MODULES.keySet()) {
            var sources = Path.of("..", module, "src", "main", "java");
            try (var tree = Files.walk(sources)) {
                for (var file :
                        tree.filter(path -> path.toString().endsWith(".java")).toList()) {
                    var folder = sources.relativize(file.getParent()).toString();
                    files.merge(folder, 1, Integer::sum);
                    if (!module.equals(modules.computeIfAbsent(folder, first -> module))) {
                        twice.add(folder);
                    }
                }
            }
        }
        assertThat(files).isNotEmpty();
        files.remove(EXCEPTIONS);
        files.values().removeIf(count -> count <= MOST_FILES);
        assertThat(files).isEmpty();
        assertThat(twice).isEmpty();
    }

    private static List<String> packages(String module) {
        return requireNonNull(MODULES.get(module)).stream()
                .map(name -> ROOT + name + "..")
                .toList();
    }

    private static DescribedPredicate<JavaClass> ours() {
        return JavaClass.Predicates.resideInAPackage("dev.workerfarm..");
    }

    private static DescribedPredicate<JavaClass> inWorker() {
        return JavaClass.Predicates.resideInAPackage(WORKER + "..");
    }

    private static DescribedPredicate<JavaClass> in(List<String> packages) {
        return JavaClass.Predicates.resideInAnyPackage(packages.toArray(String[]::new));
    }

    private static String[] concat(String first, List<String> rest) {
        return Stream.concat(Stream.of(first), rest.stream()).toArray(String[]::new);
    }
}
