package dev.observer.server.rpc;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.databind.BeanProperty;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.introspect.AnnotatedMember;
import com.fasterxml.jackson.databind.introspect.BeanPropertyDefinition;
import com.fasterxml.jackson.databind.jsonFormatVisitors.JsonFormatVisitorWrapper;
import com.fasterxml.jackson.databind.jsonFormatVisitors.JsonIntegerFormatVisitor;
import com.fasterxml.jackson.databind.jsonFormatVisitors.JsonNumberFormatVisitor;
import com.fasterxml.jackson.databind.jsonFormatVisitors.JsonStringFormatVisitor;
import com.fasterxml.jackson.databind.ser.impl.UnsupportedTypeSerializer;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.net.URI;
import java.net.URL;
import java.time.temporal.Temporal;
import java.time.temporal.TemporalAmount;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Currency;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Names Java's types in TypeScript, and declares those that have names of their own, as Jackson
 * writes them. Not thread-safe.
 */
final class TypeNames {
  private static final Pattern IDENTIFIER = Pattern.compile("[A-Za-z_$][A-Za-z0-9_$]*");

  private final ObjectMapper mapper;
  private final Map<JavaType, String> names = new LinkedHashMap<>();
  private final Map<String, String> declarations = new LinkedHashMap<>();

  TypeNames(ObjectMapper mapper) {
    this.mapper = mapper;
  }

  /** What was named so far, in alphabetical order. */
  Collection<String> declarations() {
    return declarations.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .map(Map.Entry::getValue)
        .toList();
  }

  /** The type in TypeScript. */
  String name(JavaType type) {
    return name(type, null);
  }

  /** Likewise, of the property where it stands, which may say how its times are written. */
  private String name(JavaType type, @Nullable BeanProperty property) {
    Class<?> raw = type.getRawClass();
    if (raw == boolean.class || raw == Boolean.class) {
      return "boolean";
    }
    if ((type.isPrimitive() && raw != char.class && raw != void.class)
        || Number.class.isAssignableFrom(raw)) {
      return "number";
    }
    if (isText(raw)) {
      return "string";
    }
    if (Date.class.isAssignableFrom(raw)
        || Temporal.class.isAssignableFrom(raw)
        || TemporalAmount.class.isAssignableFrom(raw)) {
      return time(type, property);
    }
    if (raw == Object.class || JsonNode.class.isAssignableFrom(raw)) {
      return "unknown";
    }
    if (raw == void.class || raw == Void.class) {
      return "null";
    }
    if (raw == Optional.class) {
      return name(type.containedTypeOrUnknown(0), property) + " | null";
    }
    if (type.isMapLikeType()) {
      return "Record<string, " + name(type.getContentType(), property) + ">";
    }
    if (type.isCollectionLikeType() || type.isArrayType()) {
      String content = name(type.getContentType(), property);
      return content.contains(" ") ? "(" + content + ")[]" : content + "[]";
    }
    return declared(type);
  }

  /** What Jackson writes as text. */
  private static boolean isText(Class<?> type) {
    return CharSequence.class.isAssignableFrom(type)
        || type == char.class
        || type == Character.class
        || type == byte[].class
        || Stream.of(UUID.class, URI.class, URL.class, Locale.class, Currency.class)
            .anyMatch(text -> text == type);
  }

  /** Text or a number, as the mapper is set; some only with a module of Jackson's. */
  private String time(JavaType type, @Nullable BeanProperty property) {
    try {
      SerializerProvider provider = mapper.getSerializerProviderInstance();
      JsonSerializer<?> serializer = serializer(provider, type, property);
      if (serializer instanceof UnsupportedTypeSerializer) {
        throw new IllegalArgumentException(
            type.toCanonical()
                + " cannot be written without a module of Jackson's, and cannot be a type of"
                + " TypeScript");
      }
      WrittenTime written = new WrittenTime(provider);
      serializer.acceptJsonFormatVisitor(written, type);
      return written.name;
    } catch (JsonMappingException e) {
      throw new IllegalArgumentException(type.toCanonical() + " cannot be written", e);
    }
  }

  /** That which the property names, else the one for its type. */
  private static JsonSerializer<?> serializer(
      SerializerProvider provider, JavaType type, @Nullable BeanProperty property)
      throws JsonMappingException {
    if (property != null && property.getMember() != null && property.getType().equals(type)) {
      Object named = provider.getAnnotationIntrospector().findSerializer(property.getMember());
      if (named != null) {
        return provider.serializerInstance(property.getMember(), named);
      }
    }
    return provider.findPrimaryPropertySerializer(type, property);
  }

  /** What a serializer says that it writes. */
  private static final class WrittenTime extends JsonFormatVisitorWrapper.Base {
    private String name = "unknown";

    WrittenTime(SerializerProvider provider) {
      super(provider);
    }

    @Override
    public @Nullable JsonStringFormatVisitor expectStringFormat(JavaType type) {
      name = "string";
      return null;
    }

    @Override
    public @Nullable JsonNumberFormatVisitor expectNumberFormat(JavaType type) {
      name = "number";
      return null;
    }

    @Override
    public @Nullable JsonIntegerFormatVisitor expectIntegerFormat(JavaType type) {
      name = "number";
      return null;
    }
  }

  private String declared(JavaType type) {
    String known = names.get(type);
    if (known != null) {
      return known;
    }
    String name = newName(type);
    names.put(type, name);
    declarations.put(name, ""); // taken, for types that name themselves
    declarations.put(name, declaration(type, name));
    return name;
  }

  /** The simple name; with that of what is around it if it is taken. */
  private String newName(JavaType type) {
    Class<?> raw = type.getRawClass();
    String name = raw.getSimpleName();
    for (JavaType argument : type.getBindings().getTypeParameters()) {
      name += "Of" + argument.getRawClass().getSimpleName();
    }
    Class<?> around = raw.getEnclosingClass();
    while (declarations.containsKey(name)
        || List.of("Violation", "ErrorShape", "AppRouter", "Query", "Mutation", "Subscription")
            .contains(name)) {
      if (around == null) {
        throw new IllegalArgumentException(
            "two types would be named " + name + ", one of them " + raw.getName());
      }
      name = around.getSimpleName() + name;
      around = around.getEnclosingClass();
    }
    return name;
  }

  private String declaration(JavaType type, String name) {
    Class<?> raw = type.getRawClass();
    if (raw.isEnum()) {
      return "export type "
          + name
          + " = "
          + Arrays.stream(raw.getEnumConstants())
              .map(constant -> quoted(String.valueOf(mapper.convertValue(constant, String.class))))
              .collect(Collectors.joining(" | "))
          + ";\n";
    }
    JsonSubTypes subTypes = raw.getAnnotation(JsonSubTypes.class);
    if (subTypes != null) {
      return union(raw, name, subTypes);
    }
    return "export interface " + name + " " + body(type, "");
  }

  /** Types that a property tells apart. */
  private String union(Class<?> raw, String name, JsonSubTypes subTypes) {
    JsonTypeInfo info = raw.getAnnotation(JsonTypeInfo.class);
    if (info == null
        || info.use() != JsonTypeInfo.Id.NAME
        || info.include() != JsonTypeInfo.As.PROPERTY) {
      throw new IllegalArgumentException(
          raw.getName() + " must be told apart by a name in a property to be a type of TypeScript");
    }
    String property = info.property().isEmpty() ? "@type" : info.property();
    List<String> members = new ArrayList<>();
    for (JsonSubTypes.Type subType : subTypes.value()) {
      String member = name(mapper.constructType(subType.value()));
      members.add("({ " + key(property) + ": " + quoted(subType.name()) + " } & " + member + ")");
    }
    return "export type " + name + " = " + String.join(" | ", members) + ";\n";
  }

  private String body(JavaType type, String indent) {
    List<BeanPropertyDefinition> properties =
        mapper.getSerializationConfig().introspect(type).findProperties();
    if (properties.isEmpty() && !type.getRawClass().isRecord()) {
      throw new IllegalArgumentException(
          type.toCanonical() + " has no properties, and cannot be a type of TypeScript");
    }
    StringBuilder body = new StringBuilder("{\n");
    for (BeanPropertyDefinition property : properties) {
      boolean nullable = isNullable(type, property);
      body.append(indent)
          .append("  ")
          .append(key(property.getName()))
          .append(nullable ? "?: " : ": ");
      String name =
          name(
              property.getPrimaryType(),
              new BeanProperty.Std(
                  property.getFullName(),
                  property.getPrimaryType(),
                  property.getWrapperName(),
                  property.getPrimaryMember(),
                  property.getMetadata()));
      body.append(name)
          .append(nullable && !name.endsWith(" | null") ? " | null" : "")
          .append(";\n");
    }
    return body.append(indent).append("}\n").toString();
  }

  private static boolean isNullable(JavaType type, BeanPropertyDefinition property) {
    List<AnnotatedElement> declarations = new ArrayList<>();
    RecordComponent component = component(type.getRawClass(), property.getInternalName());
    if (component != null) {
      declarations.add(component);
      declarations.add(component.getAnnotatedType());
      declarations.add(component.getAccessor());
    }
    for (AnnotatedMember member :
        Stream.of(property.getField(), property.getGetter())
            .filter(found -> found != null)
            .toList()) {
      if (member.getMember() instanceof Field field) {
        declarations.add(field);
        declarations.add(field.getAnnotatedType());
      } else if (member.getMember() instanceof Method method) {
        declarations.add(method);
        declarations.add(method.getAnnotatedReturnType());
      }
    }
    return Nullness.isNullable(
        property.getRawPrimaryType(), declarations.toArray(AnnotatedElement[]::new));
  }

  private static @Nullable RecordComponent component(Class<?> type, String name) {
    RecordComponent[] components = type.getRecordComponents();
    return components == null
        ? null
        : Arrays.stream(components)
            .filter(component -> component.getName().equals(name))
            .findFirst()
            .orElse(null);
  }

  private static String key(String name) {
    return IDENTIFIER.matcher(name).matches() ? name : quoted(name);
  }

  private static String quoted(String text) {
    return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
  }
}
