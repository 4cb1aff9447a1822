package dev.workerfarm.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.URI;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a caller can write, as the compiler sees it. */
class PoolSurfaceTest {
    @TempDir
    private Path classes;

    @Test
    void aPoolHasFewerThanTwentyPublicMethods() {
        assertThat(Arrays.stream(Pool.class.getDeclaredMethods())
                        .filter(method -> Modifier.isPublic(method.getModifiers()) && !method.isSynthetic()))
                .hasSizeLessThan(20)
                .extracting(Method::getName)
                .contains("map", "task");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "List<Number> l = pool.map(Square.TYPE, List.of(1, 2, 3));",
                "Results<Number> r = pool.imap(Square.TYPE, Stream.of(1, 2)::iterator);",
                "for (Number n : pool.imapUnordered(Square.TYPE, List.of(1))) { n.intValue(); }",
                "Number n = pool.apply(Square.TYPE, 3);",
                "Number n = pool.task(Square.TYPE).call(new Square(3));",
                "List<Number> l = pool.task(Square.TYPE).chunkSize(10).callAll(List.of(new Square(3)));",
                "AsyncResult<Number> r = pool.task(Square.TYPE).countdown(Duration.ofMinutes(10)).callAsync(new Square(3));",
                "Object o = pool.task(\"merge\").kwargs(Map.of(\"b\", 2)).apply(1);",
                "Outcomes<Number> o = pool.task(Square.TYPE).outcomes(List.of(1, 2));",
                "AsyncResult<String> id = pool.task(Square.TYPE).storing().publish(3);",
                "List<Object> l = new ArrayList<>(); pool.applyAsync(Square.TYPE, 3).callback(l::add).get();"
            })
    void compiles(String statement) {
        assertThat(errors(statement)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    pool.applyAsync("merge", "left", List.of(1), Map.of()); | applyAsync
                    pool.apply("square", 3);                                | apply
                    pool.task(Square.TYPE).call(new Sleep(1, null));        | cannot be converted
                    pool.task(Square.TYPE).callAll(List.of(3));             | incompatible
                    pool.task(Square.TYPE).kwargs(Map.of());                | kwargs
                    String s = pool.apply(Square.TYPE, 3);                  | inference variable R
                    """)
    void doesNotCompile(String statement, String why) {
        assertThat(errors(statement)).singleElement().asString().contains(why);
    }

    private List<String> errors(String statement) {
        var source =
                "import dev.workerfarm.pool.*; import dev.workerfarm.task.*; import java.time.*; import java.util.*;"
                        + " import java.util.stream.*; import dev.workerfarm.task.BuiltIn.Sleep;"
                        + " class Caller { void call(Pool pool) { " + statement + " } }";
        var file = new SimpleJavaFileObject(URI.create("string:///Caller.java"), JavaFileObject.Kind.SOURCE) {
            @Override
            public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                return source;
            }
        };
        var compiler = ToolProvider.getSystemJavaCompiler();
        var diagnostics = new DiagnosticCollector<JavaFileObject>();
        var options = List.of("-d", classes.toString(), "-cp", System.getProperty("java.class.path"), "-proc:none");
        compiler.getTask(null, null, diagnostics, options, null, List.of(file)).call();
        return diagnostics.getDiagnostics().stream()
                .filter(each -> each.getKind() == Diagnostic.Kind.ERROR)
                .map(each -> each.getMessage(null))
                .toList();
    }
}
