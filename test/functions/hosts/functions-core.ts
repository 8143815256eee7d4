/**
 * Stands where the Azure Functions host puts `@azure/functions-core`: what the library registers is kept here,
 * and its own InvocationModel then runs every invocation as it does in the cloud.
 */
export interface CoreContext {
  readonly invocationId: string
  readonly metadata: Registered['metadata']
  readonly request: {
    readonly inputData: readonly { readonly name: string; readonly data: { readonly string: string } }[]
  }
  readonly state?: string
  log(level: string, category: string, message: string): void
}

export interface InvocationModel {
  getArguments(): Promise<{ readonly context: unknown; readonly inputs: readonly unknown[] }>
  invokeFunction(context: unknown, inputs: readonly unknown[], handler: Registered['handler']): Promise<unknown>
  getResponse(context: unknown, result: unknown): Promise<unknown>
}

export interface Registered {
  readonly metadata: {
    readonly name: string
    readonly bindings: Readonly<
      Record<string, { readonly type: string; readonly queueName?: string; readonly connection?: string }>
    >
  }
  readonly handler: (...inputs: unknown[]) => unknown
}

export interface ProgrammingModel {
  getInvocationModel(context: CoreContext): InvocationModel
}

export const registered: Map<string, Registered> = new Map()
export const model: { current: ProgrammingModel | null } = { current: null }

export function setProgrammingModel(programmingModel: ProgrammingModel): void {
  model.current = programmingModel
}

export function registerFunction(
  metadata: Registered['metadata'],
  handler: Registered['handler'],
): { dispose(): void } {
  registered.set(metadata.name, { metadata, handler })
  return { dispose: () => void registered.delete(metadata.name) }
}

export function log(): void {}
