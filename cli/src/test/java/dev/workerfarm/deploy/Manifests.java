package dev.workerfarm.deploy;

import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.databind.type.LogicalType;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Reads manifests as strictly as {@code kubectl apply --dry-run=server}: an unknown kind, field name or a value of another
 * type is an exception that names it. What it does not see is a required field that is missing. Stateless.
 */
final class Manifests {
    private static final Map<String, Class<?>> KINDS = Map.of(
            "apps/v1 Deployment", Deployment.class,
            "v1 Secret", Secret.class,
            "policy/v1 PodDisruptionBudget", PodDisruptionBudget.class,
            "networking.k8s.io/v1 NetworkPolicy", NetworkPolicy.class,
            "keda.sh/v1alpha1 ScaledObject", CustomResources.ScaledObject.class,
            "keda.sh/v1alpha1 TriggerAuthentication", CustomResources.TriggerAuthentication.class,
            "monitoring.coreos.com/v1 PodMonitor", CustomResources.PodMonitor.class,
            "kustomize.config.k8s.io/v1beta1 Kustomization", CustomResources.Kustomization.class);

    private static final ObjectMapper STRICT = YAMLMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            // A variable's value that YAML takes for a number is refused by Kubernetes.
            .withCoercionConfig(
                    LogicalType.Textual,
                    text -> text.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
                            .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
                            .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail))
            .annotationIntrospector(new JacksonAnnotationIntrospector() {
                @Override
                public Boolean hasAnySetter(Annotated member) {
                    return false; // the model's classes put unknown fields there
                }
            })
            .build();

    private Manifests() {}

    /** The objects of all manifests in a folder, by the name of their file. */
    static Map<String, List<Object>> inFolder(Path folder) throws IOException {
        var objects = new TreeMap<String, List<Object>>();
        try (var files = Files.list(folder)) {
            for (var file :
                    files.filter(path -> path.toString().endsWith(".yaml")).toList()) {
                objects.put(file.getFileName().toString(), parse(Files.readString(file)));
            }
        }
        return objects;
    }

    /**
     * The objects of one file's text.
     *
     * @throws IOException if it is not what Kubernetes takes
     */
    static List<Object> parse(String text) throws IOException {
        List<Object> objects = new ArrayList<>();
        try (var documents = STRICT.readerFor(JsonNode.class).<JsonNode>readValues(text)) {
            while (documents.hasNextValue()) {
                var document = documents.nextValue();
                var name = document.path("apiVersion").asText() + " "
                        + document.path("kind").asText();
                var kind = KINDS.get(name);
                if (kind == null) {
                    throw new IOException("no kind that we know: " + name);
                }
                objects.add(STRICT.treeToValue(document, kind));
            }
        }
        return objects;
    }

    /** The objects of one kind among them. */
    static <T> List<T> of(Class<T> kind, Map<String, List<Object>> objects) {
        return objects.values().stream()
                .flatMap(List::stream)
                .filter(kind::isInstance)
                .map(kind::cast)
                .toList();
    }
}
