export * from '../../demo/openid-provider.ts'
