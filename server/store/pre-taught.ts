/**
 * Whether what ships of a `category` is known to its project: it is of the starter model, and says
 * nothing to a served `version` with a backbone of its own. A condition for a statement.
 */
export const IS_PRE_TAUGHT = 'category.starter_name is not null and version.backbone_key is null';
